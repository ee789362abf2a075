from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_rewrite_imports = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with hashes, and the `import` paths inside our own modules too; vendored scripts are left as they are."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("web/*.js", _rewrite_imports))
    manifest_strict = False
