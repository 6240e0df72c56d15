//! The words of the Organization Admin.

mod ar;
mod en;
mod zh_hk;

use crate::words::Tongue;

macro_rules! words {
    ($($key:ident),* $(,)?) => {
        /// The words of the Organization Admin in one language, by what they are for.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English words say what each is")]
        pub struct AdminWords {
            $(pub $key: &'static str,)*
        }

        impl AdminWords {
            /// Each with its key, for tests.
            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key)),*]
            }
        }
    };
}

words! {
    company_settings,
    records,
    menu,
    activity,
    activity_hint,
    features,
    features_hint,
    users,
    users_hint,
    pools,
    pools_hint,
    whatsapp,
    whatsapp_hint,
    connect,
    connect_hint,
    connect_accounts,
    connect_accounts_hint,
    connect_look,
    connect_now,
    connect_well,
    connect_steps,
    connect_fine,
    connect_note,
    connect_would,
    connect_done,
    connect_manifest,
    connect_manifest_hint,
    state,
    details,
    a_template,
    a_limit,
    template_ready,
    template_refused,
    template_worse,
    limit_left,
    limit_unknown,
    notices,
    notices_hint,
    notice,
    seen,
    dead_letters,
    dead_letters_hint,
    audit,
    audit_hint,
    search,
    show,
    everything,
    clear,
    nothing_found,
    nothing_found_hint,
    next_page,
    first_page,
    latest_only,
    when,
    outcome,
    user,
    number,
    name,
    username,
    extension,
    org_unit,
    roles,
    none,
    nobody,
    role_user,
    role_admin,
    role_auditor,
    story,
    story_hint,
    back_to_activity,
    asked_at,
    decided_at,
    written_to,
    concerns,
    reference,
    held_back,
    considered,
    stage_request,
    stage_identification,
    stage_extension_lookup,
    stage_chat_room_check,
    stage_profile,
    stage_number,
    stage_completion,
    verdict_chosen,
    verdict_eligible,
    verdict_refused,
    out_ignored,
    out_no_extension,
    out_extension_not_found,
    out_other_unit,
    out_guessing_locked,
    out_number_of_room,
    out_number_ours,
    out_number_not_ours,
    out_declined,
    out_reminded,
    out_reminder_throttled,
    out_onboarded,
    out_prospect_received,
    out_profile_hidden,
    out_no_secondary_number,
    out_messaging_limit_reached,
    out_account_unhealthy,
    out_room_message,
    out_room_closed,
    out_opted_out,
    out_opted_in,
    out_still_opted_out,
    on,
    off,
    learn_more,
    group_clients,
    group_conversations,
    group_numbers,
    f_auto_promotion,
    f_auto_promotion_more,
    f_unique_phone_number,
    f_unique_phone_number_more,
    f_profile_choice,
    f_profile_choice_more,
    f_room_activation,
    f_room_activation_more,
    f_invitation,
    f_invitation_more,
    f_link_fallback,
    f_link_fallback_more,
    f_pair_reuse,
    f_pair_reuse_more,
    f_waiting_list,
    f_waiting_list_more,
    v_random,
    v_most_recent,
    v_on_creation,
    v_on_client_reply,
    v_template,
    v_link,
    v_never,
    days,
    read_only,
    primary,
    secondary,
    account_unknown,
    account_healthy,
    account_limited,
    account_blocked,
    draining,
    retired,
    serves,
    members,
    rules,
    default_region,
    fallback_upward,
    geography,
    utilisation,
    utilisation_hint,
    unknown_country,
    clients_count,
    without_number,
    no_load,
    forecast,
    forecast_enough,
    forecast_short,
    forecast_has,
    forecast_needs,
    forecast_turned_away,
    kind,
    reason,
    tries,
    inbound,
    outbound,
    replay,
    replay_sure,
    replayed,
    replay_refused,
    leave_it,
    who,
    what,
    subject,
    entry,
    older,
    verify,
    verified,
    not_verified,
    a_create,
    a_change,
    a_remove,
    a_decide,
    a_fail,
    a_replay,
    a_read,
    a_sign_in,
    a_sign_out,
    a_deny,
    leap_work_back,
}

impl Tongue {
    /// The words of the Organization Admin.
    pub fn admin_words(self) -> &'static AdminWords {
        match self {
            Self::English => &en::WORDS,
            Self::Arabic => &ar::WORDS,
            Self::TraditionalChinese => &zh_hk::WORDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_language_leaves_a_word_of_the_admin_out_or_in_english() {
        let english = Tongue::English.admin_words().all();
        for tongue in Tongue::ALL {
            for ((key, word), (_, in_english)) in tongue.admin_words().all().into_iter().zip(&english) {
                assert!(!word.trim().is_empty(), "{tongue:?} {key}");
                assert!(
                    word != *in_english || tongue == Tongue::English,
                    "{tongue:?} {key}"
                );
            }
        }
    }
}
