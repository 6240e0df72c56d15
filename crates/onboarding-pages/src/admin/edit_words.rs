//! The words of forms that change something.

mod ar;
mod en;
mod zh_hk;

use crate::words::Tongue;

macro_rules! words {
    ($($key:ident),* $(,)?) => {
        /// The words of forms that change something, in one language, by what they are for.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English words say what each is")]
        pub struct EditWords {
            $(pub $key: &'static str,)*
        }

        impl EditWords {
            /// Each with its key, for tests.
            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key)),*]
            }
        }
    };
}

words! {
    edit,
    add,
    save,
    saved,
    removed,
    stale,
    open_anew,
    mend,
    only_admins,
    user_new,
    user_one,
    user_leave,
    user_leave_sure,
    hand_over_to,
    hand_over_to_hint,
    username_hint,
    email,
    job_title,
    job_title_hint,
    extension_hint,
    firms_hint,
    id,
    id_hint,
    unit_new,
    unit_one,
    unit_remove,
    unit_remove_sure,
    unit_above,
    at_the_top,
    firm_new,
    firm_one,
    firm_remove,
    firm_remove_sure,
    users_in,
    pool_new,
    pool_one,
    pool_remove,
    pool_remove_sure,
    pool_units,
    pool_primary_hint,
    pool_secondaries,
    pool_secondaries_hint,
    pool_draining_hint,
    country_hint,
    default_region_hint,
    geography_hint,
    account_new,
    account_one,
    account_remove,
    account_remove_sure,
    phone_hint,
    phone_number_id,
    waba_id,
    in_no_pool,
    text,
    text_hint,
    placeholders,
    text_own,
    text_ours,
    take_ours,
    preview,
    preview_hint,
    language,
    purpose,
    company_one,
    company_name,
    country,
    default_language,
    languages,
    languages_hint,
    limits,
    limits_hint,
    l_replies,
    l_attempts,
    l_within,
    l_lock,
    l_prospects,
    l_waiting,
    l_link,
    qr,
    qr_text,
    qr_hint,
    logo,
    logo_hint,
    logo_file,
    logo_file_hint,
    logo_set,
    logo_remove,
    logo_remove_sure,
    logo_preview,
    f_mandatory,
    f_mandatory_more,
    pf_name,
    pf_phone_number,
    pf_external_company,
    reuse_hint,
    value,
    unseen,
    template_one,
    template_hint,
    template_name,
    template_language,
    template_language_hint,
    template_text,
    template_text_hint,
    template_body,
    template_body_hint,
    template_buttons,
    template_buttons_hint,
    b_accept,
    b_decline,
    t_invitation,
    t_room_reminder,
    t_user_info,
    t_room_moved,
    t_room_handed_over,
    t_waiting_expired,
    opt_out,
    opt_out_hint,
    opt_out_none,
    opt_out_stop,
    opt_out_start,
    words_hint,
    secrets,
    secrets_hint,
    s_app_secret,
    s_verify_token,
    s_access_token,
    sign_in,
    sign_in_hint,
    si_issuer,
    si_issuer_hint,
    si_client_id,
    si_client_secret,
    si_claim,
    si_claim_sub,
    si_claim_oid,
    si_second,
    si_local,
    si_tenant,
    si_tenant_hint,
    si_audience,
    set_up_link,
    set_up_link_sure,
    set_up_link_made,
    set_up_link_made_hint,
    end_sessions,
    end_sessions_sure,
    sessions_ended,
    chats_open,
    chats_count,
    import_export,
    import_file,
    import_file_hint,
    import_look,
    imports,
    import_none,
    import_preview,
    import_nothing_yet,
    import_skip,
    import_begin,
    import_no_change,
    import_rows,
    import_more,
    import_total,
    import_created,
    import_changed,
    import_unchanged,
    import_refused,
    import_none_refused,
    import_line,
    import_progress,
    import_running,
    import_stopped,
    import_finished,
    import_stop,
    import_stop_sure,
}

impl Tongue {
    /// The words of forms that change something.
    pub fn edit_words(self) -> &'static EditWords {
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
    fn no_language_leaves_a_word_of_the_forms_out_or_in_english() {
        let english = Tongue::English.edit_words().all();
        for tongue in Tongue::ALL {
            for ((key, word), (_, in_english)) in tongue.edit_words().all().into_iter().zip(&english) {
                assert!(!word.trim().is_empty(), "{tongue:?} {key}");
                assert!(
                    word != *in_english || tongue == Tongue::English,
                    "{tongue:?} {key}"
                );
            }
        }
    }
}
