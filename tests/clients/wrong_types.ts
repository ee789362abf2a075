// Calls that a type checker must refuse. tsc fails when an error that is expected does not come: then a type has become any.
import type { Api } from "./main-loop.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

export async function calls(api: Api, item: Schemas["WorkItem"], handover: Schemas["Handover"]): Promise<unknown[]> {
  // @ts-expect-error There is no such decision.
  const review: Schemas["ReviewInputRequest"] = { score: 87, decision: "fine" };
  // @ts-expect-error There is no such status.
  const status = item.status === "late";
  // @ts-expect-error It is null while the clock stands still.
  const due = item.due_at.length;
  // @ts-expect-error The mentor of an outcome may be nobody.
  const mentor: string = handover.result["a"]?.mentor ?? null;
  // @ts-expect-error There is no such path.
  const path = await api.GET("/api/v1/mentor/queue");
  // @ts-expect-error There is no such filter value.
  const filter = await api.GET("/api/v1/mentor/workqueue", { params: { query: { type: "review" } } });
  // @ts-expect-error What an item is about must be said.
  const flag = await api.POST("/api/v1/mentor/flags", { body: { reason: "Silent." } });
  // @ts-expect-error Acknowledging takes no body.
  const known = await api.POST("/api/v1/mentor/flags/{flag_id}/acknowledge", { params: { path: { flag_id: item.id } }, body: {} });
  return [review, status, due, mentor, path, filter, flag, known];
}
