//! The languages of the pages.

mod ar;
mod en;
mod zh_hk;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// العربية, which runs from right to left.
    Arabic,
    /// 繁體中文.
    TraditionalChinese,
}

/// Which way a language runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As English.
    LeftToRight,
    /// As Arabic.
    RightToLeft,
}

impl Tongue {
    /// All of them, English first.
    pub const ALL: [Self; 3] = [Self::English, Self::TraditionalChinese, Self::Arabic];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
            Self::TraditionalChinese => "zh-HK",
        }
    }

    /// Its name in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Arabic => "العربية",
            Self::TraditionalChinese => "繁體中文",
        }
    }

    /// Which way it runs.
    pub fn direction(self) -> Direction {
        match self {
            Self::Arabic => Direction::RightToLeft,
            Self::English | Self::TraditionalChinese => Direction::LeftToRight,
        }
    }

    /// The value of the attribute `dir`.
    pub fn dir(self) -> &'static str {
        match self.direction() {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }

    /// The one with this tag; regions and scripts of a language are taken for it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "ar" => Some(Self::Arabic),
            "zh" => Some(Self::TraditionalChinese),
            _ => None,
        }
    }

    /// The one that a browser likes best, by its `Accept-Language`; English if it likes none.
    pub fn accepted(header: &str) -> Self {
        let mut wishes: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|wish| {
                let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
                let weight = weight.trim().strip_prefix("q=")?.parse().ok()?;
                (weight > 0.0).then_some((weight, tag.trim()))
            })
            .collect();
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        wishes
            .into_iter()
            .find_map(|(_, tag)| Self::from_tag(tag))
            .unwrap_or_default()
    }

    /// The words of the pages.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &en::WORDS,
            Self::Arabic => &ar::WORDS,
            Self::TraditionalChinese => &zh_hk::WORDS,
        }
    }
}

macro_rules! words {
    ($($key:ident),* $(,)?) => {
        /// The words of the pages in one language, by what they are for.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English words say what each is")]
        pub struct Words {
            $(pub $key: &'static str,)*
        }

        impl Words {
            /// Each with its key, for tests.
            #[cfg(test)]
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($key), self.$key)),*]
            }
        }
    };
}

words! {
    leap_work, organization_admin, skip_to_content, chats, profile, settings, sign_out, language, demo_banner, close,
    sign_in, sign_in_title, sign_in_with_company, username, password, one_time_code, sign_in_demo,
    code_if_any, sign_in_failed, sign_in_forgotten, sign_in_unknown, sign_in_denied, sign_in_broken, sign_in_unavailable, set_up_title, new_password, new_password_hint,
    password_again, second_factor, second_factor_hint, second_factor_key, second_factor_image,
    second_factor_optional, save_and_sign_in, password_too_short, password_too_long, password_guessable,
    passwords_differ, code_wrong, try_again, link_gone, link_gone_hint,
    profile_information, name, job_title, contact_details, email, extension, primary_number, company, company_name,
    org_unit, roles, external_companies, none, active, no_extension,
    my_qr_code, use_face_to_face, qr_image, share_qr_code, download, copy_link, copied, account_issue,
    account_issue_contact, code_changed,
    notices, mark_seen, prospects, prospects_hint, promote, reject, no_rooms, no_rooms_hint, on_number, number_hidden, older,
    room_invited, room_active, room_closed, room_failed, conversation, back_to_chats, nothing_said, client,
    close_room, close_room_sure, keep_open,
    message_waiting, message_sent, message_delivered, message_read, message_failed,
    role_user, role_admin, role_auditor, not_found, not_found_hint, forbidden, forbidden_hint, too_many, too_many_hint, refused, refused_hint, out_of_order, out_of_order_hint,
    waits_for_number, add_contact, email_signature,
    tab_opening, tab_outside, tab_outside_hint, tab_unsigned, tab_unsigned_hint, tab_broken,
    tab_broken_hint, tab_needs_script, once_more, unknown_account,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_language_leaves_a_word_out_or_in_english() {
        // A name, and what is called alike.
        let alike = ["leap_work"];
        let english = Tongue::English.words().all();
        for tongue in Tongue::ALL {
            for ((key, word), (_, in_english)) in tongue.words().all().into_iter().zip(&english) {
                assert!(!word.trim().is_empty(), "{tongue:?} {key}");
                let same = word == *in_english && tongue != Tongue::English;
                assert!(!same || alike.contains(&key), "{tongue:?} {key}");
            }
        }
    }

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best_of_ours() {
        for (header, expected) in [
            ("", Tongue::English),
            ("de-DE,de;q=0.9", Tongue::English),
            ("de, ar;q=0.5, zh-TW;q=0.8", Tongue::TraditionalChinese),
            ("zh;q=0, ar", Tongue::Arabic),
            ("ar;q=nonsense, en-GB", Tongue::English),
        ] {
            assert_eq!(Tongue::accepted(header), expected, "{header}");
        }
    }
}
