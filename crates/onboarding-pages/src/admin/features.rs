//! Company Settings, Feature Configurations (picture 01).

use askama::Template;
use onboarding_core::{Features, InvitationKind, ProfileChoice, ProfileField, RoomActivation};

use super::{AdminWords, EditWords, Mark, Section};
use crate::{shell::Shell, words::Tongue};

/// One switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureRow {
    /// As people read it.
    pub name: &'static str,
    /// As the company manifest and the API write it.
    pub key: &'static str,
    /// How it is set.
    pub value: String,
    /// On, off, or one of several.
    pub mark: Mark,
    /// What it does.
    pub more: &'static str,
}

impl FeatureRow {
    /// Where it is changed.
    fn place(&self) -> String {
        let name = self.key.strip_prefix("features.").unwrap_or(self.key);
        format!("/admin/features/{name}")
    }
}

/// Switches of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureGroup {
    /// Of what.
    pub title: &'static str,
    /// The switches.
    pub rows: Vec<FeatureRow>,
}

/// The switches of the flow.
#[derive(Debug, Template)]
#[template(path = "admin/features.html")]
pub struct FeaturesPage<'a> {
    /// What is around it.
    pub shell: Shell<'a>,
    /// What is searched for.
    pub search: &'a str,
    /// What was found.
    pub groups: &'a [FeatureGroup],
    /// Whether the reader may change them.
    pub may_edit: bool,
    /// Whether one was just changed.
    pub saved: bool,
}

impl FeaturesPage<'_> {
    fn a(&self) -> &'static AdminWords {
        self.shell.tongue.admin_words()
    }

    fn e(&self) -> &'static EditWords {
        self.shell.tongue.edit_words()
    }

    #[expect(clippy::unused_self, reason = "templates ask every page for its part")]
    fn section(&self) -> Section {
        Section::Features
    }
}

/// The switches whose name, key or explanation holds what is searched for, by kind; kinds without one are left out.
pub fn feature_groups(features: &Features, search: &str, tongue: Tongue) -> Vec<FeatureGroup> {
    let words = tongue.admin_words();
    let wanted = search.trim().to_lowercase();
    let fits = |row: &FeatureRow| {
        [row.name, row.key, row.more]
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    };
    let group = |title, rows: Vec<FeatureRow>| FeatureGroup {
        title,
        rows: rows.into_iter().filter(fits).collect(),
    };
    let all = [
        group(
            words.group_clients,
            of_clients(features, words, tongue.edit_words()),
        ),
        group(words.group_conversations, of_conversations(features, words)),
        group(words.group_numbers, of_numbers(features, words)),
    ];
    all.into_iter().filter(|group| !group.rows.is_empty()).collect()
}

fn switch(
    (name, more): (&'static str, &'static str),
    key: &'static str,
    on: bool,
    words: &AdminWords,
) -> FeatureRow {
    let (mark, value) = if on {
        (Mark::Good, words.on)
    } else {
        (Mark::Quiet, words.off)
    };
    FeatureRow {
        name,
        key,
        value: value.to_owned(),
        mark,
        more,
    }
}

fn choice((name, more): (&'static str, &'static str), key: &'static str, value: String) -> FeatureRow {
    FeatureRow {
        name,
        key,
        value,
        mark: Mark::Quiet,
        more,
    }
}

/// What a profile may have to hold, in words.
pub fn profile_field_words(field: ProfileField, words: &EditWords) -> &'static str {
    match field {
        ProfileField::Name => words.pf_name,
        ProfileField::PhoneNumber => words.pf_phone_number,
        ProfileField::ExternalCompany => words.pf_external_company,
    }
}

fn of_clients(features: &Features, w: &AdminWords, e: &EditWords) -> Vec<FeatureRow> {
    let mandatory = features.mandatory_profile_fields.iter();
    let mandatory: Vec<_> = mandatory.map(|field| profile_field_words(*field, e)).collect();
    let chosen = match features.profile_choice {
        ProfileChoice::Random => w.v_random,
        ProfileChoice::MostRecent => w.v_most_recent,
    };
    vec![
        switch(
            (w.f_auto_promotion, w.f_auto_promotion_more),
            "features.auto_promotion",
            features.auto_promotion,
            w,
        ),
        switch(
            (w.f_unique_phone_number, w.f_unique_phone_number_more),
            "features.unique_phone_number",
            features.unique_phone_number,
            w,
        ),
        choice(
            (w.f_profile_choice, w.f_profile_choice_more),
            "features.profile_choice",
            chosen.to_owned(),
        ),
        choice(
            (e.f_mandatory, e.f_mandatory_more),
            "features.mandatory_profile_fields",
            if mandatory.is_empty() {
                w.none.to_owned()
            } else {
                mandatory.join(", ")
            },
        ),
    ]
}

fn of_conversations(features: &Features, w: &AdminWords) -> Vec<FeatureRow> {
    let activation = match features.room_activation {
        RoomActivation::OnCreation => w.v_on_creation,
        RoomActivation::OnClientReply => w.v_on_client_reply,
    };
    let invitation = match features.invitation {
        InvitationKind::Template => w.v_template,
        InvitationKind::Link => w.v_link,
    };
    vec![
        choice(
            (w.f_room_activation, w.f_room_activation_more),
            "features.room_activation",
            activation.to_owned(),
        ),
        choice(
            (w.f_invitation, w.f_invitation_more),
            "features.invitation",
            invitation.to_owned(),
        ),
        switch(
            (w.f_link_fallback, w.f_link_fallback_more),
            "features.link_fallback",
            features.link_fallback,
            w,
        ),
    ]
}

fn of_numbers(features: &Features, w: &AdminWords) -> Vec<FeatureRow> {
    let reuse = features
        .pair_reuse_after_days
        .map_or_else(|| w.v_never.to_owned(), |days| format!("{days} {}", w.days));
    vec![
        choice(
            (w.f_pair_reuse, w.f_pair_reuse_more),
            "features.pair_reuse_after_days",
            reuse,
        ),
        switch(
            (w.f_waiting_list, w.f_waiting_list_more),
            "features.waiting_list",
            features.waiting_list,
            w,
        ),
    ]
}
