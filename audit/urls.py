from django.urls import path

from audit.views import files, log

urlpatterns = [
    path("", log.audit_list, name="audit-list"),
    path("export/", files.audit_export, name="audit-export"),
    path("verify/", files.audit_verify, name="audit-verify"),
    path("<int:seq>/", log.audit_entry, name="audit-entry"),
]
