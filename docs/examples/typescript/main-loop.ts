// The main loop through openapi-fetch, with the types that openapi-typescript makes of openapi.yaml.
//
//   npm ci && npm run generate && npm run build && npm start http://localhost:8000 PASSWORD
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
export type Api = Client<paths>;

/** The server said no; `problem.code` says why. */
export class Refused extends Error {
  constructor(readonly problem: Schemas["Problem"]) {
    super(problem.detail);
  }
}

/** The body of a good answer. Throws Refused for a problem document. */
export function told<Body>(answer: { data?: Body; error?: Schemas["Problem"] | undefined }): NonNullable<Body> {
  if (answer.data === undefined || answer.data === null) {
    if (answer.error) throw new Refused(answer.error);
    throw new Error("an answer that the schema does not know");
  }
  return answer.data;
}

/** Signs in as a browser does and makes a token, as a script uses it. */
export async function signIn(site: string, email: string, password: string): Promise<Api> {
  const visitor = createClient<paths>({ baseUrl: site });
  const login = await visitor.POST("/api/v1/auth/login", { body: { email, password } });
  told(login);
  const cookies = login.response.headers.getSetCookie().map((each) => each.split(";")[0] ?? "");
  const csrf = cookies.find((each) => each.startsWith("csrftoken="))?.slice("csrftoken=".length) ?? "";
  const headers = { Cookie: cookies.join("; "), "X-CSRFToken": csrf, Origin: site };
  const made = told(await visitor.POST("/api/v1/auth/tokens", { body: { name: "main loop" }, headers }));
  return createClient<paths>({ baseUrl: site, headers: { Authorization: `Bearer ${made.token}` } });
}

/** What each step answered. */
export interface MainLoop {
  before: Schemas["MentorDashboard"];
  submission: Schemas["SubmissionDetail"];
  again: Schemas["SubmissionDetail"];
  item: Schemas["WorkItem"];
  review: Schemas["ReviewAnswer"];
  mentee: Schemas["Mentee"];
  session: Schemas["Session"];
  flag: Schemas["RaisedFlag"];
  page: Schemas["ExplainedDashboard"];
}

/** A mission is handed in and reviewed, a session booked, a flag raised. Throws Refused. */
export async function mainLoop(student: Api, mentor: Api): Promise<MainLoop> {
  const before = told(await mentor.GET("/api/v1/mentor/dashboard"));

  const missions = told(await student.GET("/api/v1/missions"));
  const mission = missions.results.find((each) => each.submission === null);
  if (!mission) throw new Error("nothing is left to hand in");
  const handIn = {
    params: { path: { mission_id: mission.id }, header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { text: "The host was entered at 03:12.", links: ["https://example.org/timeline"] },
  };
  const submission = told(await student.POST("/api/v1/missions/{mission_id}/submissions", handIn));
  const again = told(await student.POST("/api/v1/missions/{mission_id}/submissions", handIn));

  const queue = told(await mentor.GET("/api/v1/mentor/workqueue", { params: { query: { type: "mission_review" } } }));
  const item = queue.results.find((each) => each.reference_id === submission.id);
  if (!item) throw new Error("it is not in the queue");
  const review = told(
    await mentor.POST("/api/v1/mentor/missions/{submission_id}/review", {
      params: { path: { submission_id: submission.id } },
      body: {
        score: 87,
        decision: "approved",
        feedback: "Clear timeline. Name the account next time.",
        submission_version: submission.version,
      },
    }),
  );

  const mentees = told(await mentor.GET("/api/v1/mentor/mentees"));
  const mentee = mentees.results.find((each) => each.mentee_id === item.mentee);
  if (!mentee) throw new Error("she is not a mentee");
  const times = told(await mentor.GET("/api/v1/mentor/slots", { params: { query: { mentee: mentee.mentee_id } } }));
  const slot = times.slots[0];
  if (!slot) throw new Error(times.refused_days.map((day) => day.explanation).join(" "));
  const session = told(
    await mentor.POST("/api/v1/mentor/sessions", {
      body: { mentee_id: mentee.mentee_id, title: "Sources and method", start_time: slot.start_time },
    }),
  );
  const flag = told(
    await mentor.POST("/api/v1/mentor/flags", {
      body: { mentee_id: mentee.mentee_id, reason: "Two weeks of silence.", severity: "high", category: "technical" },
    }),
  );

  const page = told(await student.GET("/api/v1/student/dashboard"));
  return { before, submission, again, item, review, mentee, session, flag, page };
}

const [site, password] = process.argv.slice(2);
if (site && password) {
  const student = await signIn(site, "student@demo.example", password);
  const mentor = await signIn(site, "mentor@demo.example", password);
  console.log(JSON.stringify(await mainLoop(student, mentor), null, 2));
}
