"""One's own account; people, teams and grants."""

from django.urls import include, path

from access.views import account, fence, grants, people, sign_on, teams

urlpatterns = [
    path("", include("access.account_urls")),
    path("login/", account.log_in, name="login"),
    path("logout/", account.log_out, name="logout"),
    path("sign-on/", sign_on.sign_on_begin, name="sign-on"),
    path("sign-on/back/", sign_on.sign_on_back, name="sign-on-back"),
    path("signed-out/", sign_on.signed_out, name="signed-out"),
    path("setup/<str:token>/", account.set_up, name="setup"),
    path("account/password/", account.change_password, name="password"),
    path("language/", account.language, name="language"),
    path("account/appearance/", account.appearance, name="appearance"),
    path("account/keys/", account.keys, name="keys"),
    path("people/", people.person_list, name="person-list"),
    path("people/add/", people.person_add, name="person-add"),
    path("people/<int:user_id>/", people.person_rights, name="person-rights"),
    path("people/<int:user_id>/edit/", people.person_edit, name="person-edit"),
    path("teams/", teams.team_list, name="team-list"),
    path("teams/add/", teams.team_add, name="team-add"),
    path("teams/<slug:slug>/", teams.team_detail, name="team-detail"),
    path("teams/<slug:slug>/edit/", teams.team_edit, name="team-edit"),
    path("teams/<slug:slug>/remove/", teams.team_remove, name="team-remove"),
    path("teams/<slug:slug>/grants/add/", grants.grant_add, name="grant-add"),
    path("teams/<slug:slug>/quotas/<slug:host>/", fence.team_quota, name="team-quota"),
    path("hosts/<slug:host>/settings/fence/", fence.host_fence, name="host-fence"),
    path("grants/<int:grant_id>/", grants.grant_edit, name="grant-edit"),
    path("grants/<int:grant_id>/end/", grants.grant_end, name="grant-end"),
]
