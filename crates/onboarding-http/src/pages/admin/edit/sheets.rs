//! Which fields each set of settings has, one form after another.

use onboarding_core::{
    CompanySettings, InvitationButton, InvitationKind, Language, OptOutWords, ProfileChoice, ProfileField,
    RoomActivation, SubjectClaim, TemplatePurpose,
};
use onboarding_pages::{
    Tongue,
    admin::{AdminWords, Choice, EditWords, profile_field_words},
};
use serde_json::Value;

use super::{
    fields::{Kind, Spec},
    specs::choice,
};
use crate::api::Settings;

/// One form on a set of settings: on the whole of it, or on a part.
pub(in crate::pages::admin) struct Sheet {
    pub(in crate::pages::admin) settings: Settings,
    /// Where it is.
    pub(in crate::pages::admin) place: String,
    pub(in crate::pages::admin) title: String,
    /// What one should know before.
    pub(in crate::pages::admin) about: Option<String>,
    pub(in crate::pages::admin) specs: Vec<Spec>,
}

impl Sheet {
    /// All that the company's settings are changed with, but for switches and texts, which have pages of their own.
    pub(in crate::pages::admin) fn all(settings: &CompanySettings, tongue: Tongue) -> Vec<Self> {
        let (whole, e) = (Self::whole, tongue.edit_words());
        let mut all = vec![
            whole(Settings::Company, "name", (e.company_one, None), of_company(e)),
            whole(
                Settings::Limits,
                "limits",
                (e.limits, Some(e.limits_hint)),
                of_limits(e),
            ),
            whole(Settings::Qr, "qr", (e.qr, None), of_qr(e)),
            whole(
                Settings::SignIn,
                "sign-in",
                (e.sign_in, Some(e.sign_in_hint)),
                of_sign_in(e),
            ),
            whole(
                Settings::Secrets,
                "secrets",
                (e.secrets, Some(e.secrets_hint)),
                of_secrets(e),
            ),
        ];
        all.extend(
            TemplatePurpose::ALL
                .iter()
                .map(|purpose| Self::of_template(*purpose, e)),
        );
        all.extend(
            settings
                .languages
                .iter()
                .map(|language| Self::of_opt_out(language, e)),
        );
        all
    }

    fn whole(
        settings: Settings,
        place: &str,
        (title, about): (&str, Option<&str>),
        specs: Vec<Spec>,
    ) -> Self {
        Self {
            settings,
            place: format!("/admin/company/{place}"),
            title: title.to_owned(),
            about: about.map(str::to_owned),
            specs,
        }
    }

    fn of_template(purpose: TemplatePurpose, e: &EditWords) -> Self {
        let name = |field: &str| format!("templates/{purpose}/{field}");
        let buttons = vec![
            choice(&InvitationButton::Accept, e.b_accept),
            choice(&InvitationButton::Decline, e.b_decline),
        ];
        let mut specs = vec![
            Spec::new(name("name"), e.template_name, Kind::Optional).code(),
            Spec::new(name("language"), e.template_language, Kind::Line)
                .hint(e.template_language_hint)
                .code(),
            Spec::new(name("text"), e.template_text, Kind::Words).hint(e.template_text_hint),
            Spec::new(name("body"), e.template_body, Kind::Lines).hint(e.template_body_hint),
        ];
        if purpose == TemplatePurpose::Invitation {
            let buttons = Spec::new(name("buttons"), e.template_buttons, Kind::Many(buttons));
            specs.push(buttons.hint(e.template_buttons_hint));
        }
        Self {
            settings: Settings::Templates,
            place: format!("/admin/company/templates/{purpose}"),
            title: format!("{}: {}", e.template_one, purpose_words(purpose, e)),
            about: Some(e.template_hint.to_owned()),
            specs,
        }
    }

    fn of_opt_out(language: &Language, e: &EditWords) -> Self {
        let name = |field: &str| format!("opt_out/{language}/{field}");
        let ours = OptOutWords::ours(language).map_or_else(
            || e.opt_out_none.to_owned(),
            |ours| [ours.stop, ours.start].concat().join(", "),
        );
        Self {
            settings: Settings::OptOut,
            place: format!("/admin/company/opt-out/{language}"),
            title: format!("{}: {language}", e.opt_out),
            about: Some(format!("{} {ours}", e.opt_out_hint)),
            specs: vec![
                Spec::new(name("stop"), e.opt_out_stop, Kind::Lines).hint(e.words_hint),
                Spec::new(name("start"), e.opt_out_start, Kind::Lines).hint(e.words_hint),
            ],
        }
    }

    /// Makes of what an empty form leaves behind what the API means by nothing.
    pub(in crate::pages::admin) fn tidy(&self, form: &mut Value) {
        match self.settings {
            Settings::Templates => drop_from(form, "templates", |template| template["name"].is_null()),
            Settings::OptOut => drop_from(form, "opt_out", |words| {
                ["stop", "start"]
                    .iter()
                    .all(|field| words[*field].as_array().is_none_or(Vec::is_empty))
            }),
            Settings::SignIn => {
                none_if_empty(&mut form["provider"], &["issuer", "client_id", "client_secret"]);
                none_if_empty(&mut form["teams"], &["tenant", "audience"]);
            }
            Settings::Company
            | Settings::Features
            | Settings::Limits
            | Settings::Qr
            | Settings::Texts
            | Settings::Secrets => {}
        }
    }
}

/// Takes what is nothing out of a map.
fn drop_from(form: &mut Value, map: &str, is_nothing: impl Fn(&Value) -> bool) {
    if let Some(all) = form[map].as_object_mut() {
        all.retain(|_, one| !is_nothing(one));
    }
}

/// A part of which no field is filled is none; otherwise each of them is wanted.
fn none_if_empty(part: &mut Value, fields: &[&str]) {
    if fields.iter().all(|field| part[*field].is_null()) {
        *part = Value::Null;
        return;
    }
    for field in fields {
        if part[*field].is_null() {
            part[*field] = Value::from("");
        }
    }
}

fn purpose_words(purpose: TemplatePurpose, e: &EditWords) -> &'static str {
    match purpose {
        TemplatePurpose::Invitation => e.t_invitation,
        TemplatePurpose::RoomReminder => e.t_room_reminder,
        TemplatePurpose::UserInfo => e.t_user_info,
        TemplatePurpose::RoomMoved => e.t_room_moved,
        TemplatePurpose::RoomHandedOver => e.t_room_handed_over,
        TemplatePurpose::WaitingExpired => e.t_waiting_expired,
    }
}

fn of_company(e: &EditWords) -> Vec<Spec> {
    vec![
        Spec::new("name", e.company_name, Kind::Line),
        Spec::new("country", e.country, Kind::Line)
            .hint(e.country_hint)
            .code(),
        Spec::new("default_language", e.default_language, Kind::Line).code(),
        Spec::new("languages", e.languages, Kind::Lines).hint(e.languages_hint),
    ]
}

fn of_limits(e: &EditWords) -> Vec<Spec> {
    [
        ("auto_replies_per_hour", e.l_replies),
        ("wrong_extensions/attempts", e.l_attempts),
        ("wrong_extensions/within_seconds", e.l_within),
        ("wrong_extensions/lock_minutes", e.l_lock),
        ("prospects_expire_after_days", e.l_prospects),
        ("waiting_expires_after_hours", e.l_waiting),
        ("link_expires_after_hours", e.l_link),
    ]
    .map(|(name, label)| Spec::new(name, label, Kind::Number))
    .to_vec()
}

fn of_qr(e: &EditWords) -> Vec<Spec> {
    vec![Spec::new("text", e.qr_text, Kind::Text).hint(e.qr_hint)]
}

fn of_secrets(e: &EditWords) -> Vec<Spec> {
    [
        ("app_secret", e.s_app_secret),
        ("verify_token", e.s_verify_token),
        ("access_token", e.s_access_token),
    ]
    .map(|(name, label)| Spec::new(name, label, Kind::Line).code())
    .to_vec()
}

fn of_sign_in(e: &EditWords) -> Vec<Spec> {
    let claims = vec![
        choice(&SubjectClaim::Sub, e.si_claim_sub),
        choice(&SubjectClaim::Oid, e.si_claim_oid),
    ];
    let optional = |name: &'static str, label| Spec::new(name, label, Kind::Optional).code();
    vec![
        optional("provider/issuer", e.si_issuer).hint(e.si_issuer_hint),
        optional("provider/client_id", e.si_client_id),
        optional("provider/client_secret", e.si_client_secret).hint(e.secrets_hint),
        Spec::new("provider/subject_claim", e.si_claim, Kind::One(claims, None)),
        Spec::new("provider/second_factor", e.si_second, Kind::Switch),
        Spec::new("local_accounts", e.si_local, Kind::Switch),
        optional("teams/tenant", e.si_tenant).hint(e.si_tenant_hint),
        optional("teams/audience", e.si_audience),
    ]
}

/// The fields of the switches, of which each has a form of its own.
pub(in crate::pages::admin) fn switches(tongue: Tongue) -> Vec<Spec> {
    of_features(tongue.admin_words(), tongue.edit_words())
}

fn of_features(a: &AdminWords, e: &EditWords) -> Vec<Spec> {
    let switch = |name, label, hint| Spec::new(name, label, Kind::Switch).hint(hint);
    let choices = |all: Vec<Choice>| Kind::One(all, None);
    let fields = ProfileField::ALL.iter();
    let fields = fields.map(|field| choice(field, profile_field_words(*field, e)));
    vec![
        switch("auto_promotion", a.f_auto_promotion, a.f_auto_promotion_more),
        switch(
            "unique_phone_number",
            a.f_unique_phone_number,
            a.f_unique_phone_number_more,
        ),
        Spec::new(
            "profile_choice",
            a.f_profile_choice,
            choices(vec![
                choice(&ProfileChoice::Random, a.v_random),
                choice(&ProfileChoice::MostRecent, a.v_most_recent),
            ]),
        )
        .hint(a.f_profile_choice_more),
        Spec::new(
            "mandatory_profile_fields",
            e.f_mandatory,
            Kind::Many(fields.collect()),
        )
        .hint(e.f_mandatory_more),
        Spec::new(
            "room_activation",
            a.f_room_activation,
            choices(vec![
                choice(&RoomActivation::OnCreation, a.v_on_creation),
                choice(&RoomActivation::OnClientReply, a.v_on_client_reply),
            ]),
        )
        .hint(a.f_room_activation_more),
        Spec::new(
            "invitation",
            a.f_invitation,
            choices(vec![
                choice(&InvitationKind::Template, a.v_template),
                choice(&InvitationKind::Link, a.v_link),
            ]),
        )
        .hint(a.f_invitation_more),
        switch("link_fallback", a.f_link_fallback, a.f_link_fallback_more),
        Spec::new("pair_reuse_after_days", a.f_pair_reuse, Kind::Number).hint(e.reuse_hint),
        switch("waiting_list", a.f_waiting_list, a.f_waiting_list_more),
    ]
}
