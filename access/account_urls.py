"""How one logs in, one's sessions, two-step login, and who one is asked for again."""

from django.urls import path

from access.views import factor, proof, session_list

urlpatterns = [
    path("login/code/", factor.log_in_code, name="login-code"),
    path("account/step-up/", proof.step_up_page, name="step-up"),
    path("account/second-factor/", factor.second_factor_page, name="second-factor"),
    path("account/second-factor/off/", factor.turn_off, name="second-factor-off"),
    path("account/second-factor/codes/", factor.new_codes, name="recovery-codes"),
    path("account/sessions/", session_list.own_sessions, name="session-list"),
    path("account/sessions/end-others/", session_list.end_others, name="session-end-others"),
    path("account/sessions/<int:login_id>/end/", session_list.end_own, name="session-end"),
    path("people/<int:user_id>/sessions/end/", session_list.end_all_of, name="person-sessions-end"),
    path(
        "people/<int:user_id>/sessions/<int:login_id>/end/",
        session_list.end_one_of,
        name="person-session-end",
    ),
    path(
        "people/<int:user_id>/second-factor/reset/",
        factor.reset_of,
        name="second-factor-reset",
    ),
]
