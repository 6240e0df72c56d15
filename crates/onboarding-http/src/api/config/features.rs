//! `/api/v1/features`: the switches of the flow.

use onboarding_core::{CompanySettings, Features};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::{Document, document};
use crate::api::written as json;

document! {
    FeaturesForm at "/api/v1/features", tagged "features", change ChangeConfig;
    show "The switches of the flow.", replace "Set the switches of the flow."
}

/// The switches of the flow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "auto_promotion": true,
    "unique_phone_number": false,
    "profile_choice": "random",
    "room_activation": "on_creation",
    "invitation": "template",
    "link_fallback": false,
    "pair_reuse_after_days": 0,
    "waiting_list": true,
    "mandatory_profile_fields": []
}))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of their own, as in the manifest"
)]
pub(super) struct FeaturesForm {
    /// Off: a new contact becomes a prospect.
    auto_promotion: bool,
    /// One phone number, one client profile.
    unique_phone_number: bool,
    profile_choice: json::ProfileChoice,
    room_activation: json::RoomActivation,
    invitation: json::InvitationKind,
    /// Whether the link stands in for a template that cannot be sent.
    link_fallback: bool,
    /// After how many days a (client, number) pair may serve another user; 0: never.
    #[schema(maximum = 3650)]
    pair_reuse_after_days: u32,
    /// Whether a client for whom no number is free waits, and is connected as soon as one is.
    waiting_list: bool,
    /// What a client profile must hold, or it is incomplete; the flow goes on all the same.
    mandatory_profile_fields: Vec<json::ProfileField>,
}

impl Document for FeaturesForm {
    const PLACE: &'static str = "features";

    fn shown(settings: &CompanySettings) -> Self {
        let features = &settings.features;
        let fields = &features.mandatory_profile_fields;
        Self {
            auto_promotion: features.auto_promotion,
            unique_phone_number: features.unique_phone_number,
            profile_choice: json::ProfileChoice(features.profile_choice),
            room_activation: json::RoomActivation(features.room_activation),
            invitation: json::InvitationKind(features.invitation),
            link_fallback: features.link_fallback,
            pair_reuse_after_days: features.pair_reuse_after_days.unwrap_or(0),
            waiting_list: features.waiting_list,
            mandatory_profile_fields: fields.iter().copied().map(json::ProfileField).collect(),
        }
    }

    fn write(self, settings: &mut CompanySettings) {
        let fields = self.mandatory_profile_fields.into_iter();
        settings.features = Features {
            auto_promotion: self.auto_promotion,
            unique_phone_number: self.unique_phone_number,
            profile_choice: self.profile_choice.0,
            room_activation: self.room_activation.0,
            invitation: self.invitation.0,
            link_fallback: self.link_fallback,
            pair_reuse_after_days: Some(self.pair_reuse_after_days).filter(|days| *days > 0),
            waiting_list: self.waiting_list,
            mandatory_profile_fields: fields.map(|field| field.0).collect(),
        };
    }
}
