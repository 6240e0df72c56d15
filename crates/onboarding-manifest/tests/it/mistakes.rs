//! What is said about mistakes, word for word.

use insta::assert_snapshot;

use super::{LEAST, acme_with, errors, errors_with};

#[test]
fn an_empty_file_lacks_what_every_company_needs() {
    assert_snapshot!(errors(""), @r#"
    acme.toml:1: company: is missing; add it
    acme.toml:1: whatsapp: is missing; add it
    acme.toml:1: templates.invitation: there is no template to invite with; add [templates.invitation], or set features.invitation = "link"
    "#);
}

#[test]
fn every_kind_of_mistake_is_told_at_once() {
    let text = include_str!("../data/mistakes.toml");
    assert_snapshot!(errors(text), @r#"
    acme.toml:1: templates.invitation: there is no template to invite with; add [templates.invitation], or set features.invitation = "link"
    acme.toml:2: company.id: `Acme!` is not a valid id: use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit
    acme.toml:3: company.name: is empty; write at least one visible character
    acme.toml:4: company.country: not a country code: write the two letters of ISO 3166, for example HK
    acme.toml:5: company.default_language: `fr` is not among company.languages; add it there or name one of them
    acme.toml:7: company.colour: unknown key; known here: id, name, country, default_language, languages
    acme.toml:9: whatsapp.access_token: is missing; add it
    acme.toml:10: whatsapp.app_secret: a secret is given by reference: write env:NAME or file:PATH, never the secret itself
    acme.toml:14: features.auto_promotion: expected true or false, found a whole number
    acme.toml:15: features.profile_choice: `richest` is not known; write one of random, most_recent
    acme.toml:19: limits.auto_replies_per_hour: 1001 is out of range; write 1 to 1000
    acme.toml:20: limits.wrong_extensions.attempts: 0 is out of range; write 1 to 100
    acme.toml:20: limits.wrong_extensions.within_seconds: expected a whole number from 1 to 86400, found text
    acme.toml:20: limits.wrong_extensions.lock: unknown key; known here: attempts, within_seconds, lock_minutes
    acme.toml:25: org_units[0].parent: the parents form a ring (hk → hk-private → hk); give one of these units another parent or none
    acme.toml:35: users[0].org_unit: there is no org unit `moon`; add it to org_units or name one that is there
    acme.toml:36: users[0].extension: an extension begins with #, for example #michael
    acme.toml:45: users[2].username: `dom` is also users[0].username; give each its own
    acme.toml:48: users[2].extension: extension #rnichael looks like #michael of user michael; choose one that cannot be mistaken for it
    acme.toml:49: users[2].external_companies[0]: there is no external company `globex`; add it to external_companies or name one that is there
    acme.toml:50: users[2].roles[0]: `boss` is not known; write one of user, admin, auditor
    acme.toml:57: client_profiles[0].assigned_to[1]: there is no user `nobody`; add them to users or take them off this list
    acme.toml:62: client_profiles[1].phone_number: the same number as client_profiles[0].phone_number; correct one of them, or set features.unique_phone_number = false if several profiles may share a number
    acme.toml:72: official_accounts[1].phone_number_id: `100000000000001` is also official_accounts[0].phone_number_id; give each its own
    acme.toml:81: pools[0].secondaries[1]: +85256428035 is the primary of this pool, which never carries a conversation; take it off this list
    acme.toml:82: pools[0].secondaries[2]: not a phone number in international form: write + and 7 to 15 digits, for example +85256428035
    acme.toml:84: pools[0].draining[0]: +85251079309 is no secondary of this pool; add it to secondaries or take it off here
    acme.toml:88: pools[1].org_units: the pool serves no org unit; list one at least
    acme.toml:89: pools[1].primary: +85251079302 is in pool `hk`; a number belongs to one pool, take it out of one
    acme.toml:90: pools[1].secondaries: the pool has no secondary, so no conversation could open; list one at least
    acme.toml:93: texts.en.user_info: unknown placeholder {user}; known are {user_name}, {user_title}, {company_name}, {extension}, {primary_number}, {secondary_number}, {link}, {position}, {asked_number}
    acme.toml:94: texts.en.user_inf: unknown text; did you mean `user_info`? known here: no_extension, extension_not_found, guessing_locked, number_of_room, number_ours, number_not_ours, user_info, hand_off_link, room_reminder, room_pointer, no_secondary_number, messaging_limit_reached, account_unhealthy, invitation_failed, prospect_received, room_closed, room_ended, declined, room_moved, room_handed_over, opted_out, still_opted_out, opted_in, waiting_list, waiting_expired
    acme.toml:96: texts.sv: nobody is answered in `sv`; add it to company.languages or remove its texts
    "#);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    assert_snapshot!(errors(&acme_with("title =", "titel =")), @"acme.toml:44: users[0].titel: unknown key; did you mean `title`? known here: username, name, email, title, org_unit, extension, external_companies, roles, identities");
    assert_snapshot!(errors(&acme_with("title =", "shoe_size =")), @"acme.toml:44: users[0].shoe_size: unknown key; known here: username, name, email, title, org_unit, extension, external_companies, roles, identities");
    assert_snapshot!(errors(&acme_with("[features]", "[feature]")), @"acme.toml:15: feature: unknown key; did you mean `features`? known here: company, whatsapp, features, limits, templates, qr, texts, opt_out, sign_in, org_units, external_companies, users, leavers, client_profiles, official_accounts, pools");
    assert_snapshot!(errors(&acme_with("attempts =", "attempt =")), @"acme.toml:25: limits.wrong_extensions.attempt: unknown key; did you mean `attempts`? known here: attempts, within_seconds, lock_minutes");
    assert_snapshot!(errors(&acme_with("title =", "\"a\\nb\\u001b[2J\" =")), @r#"acme.toml:44: users[0]."a\nb\u{1b}[2J": unknown key; known here: username, name, email, title, org_unit, extension, external_companies, roles, identities"#);
}

#[test]
fn a_wrong_type_is_named_with_the_right_one() {
    assert_snapshot!(errors(&acme_with(r#""100000000000001""#, "100000000000001")), @"acme.toml:66: official_accounts[0].phone_number_id: expected text, found a whole number; write it in quotes");
    assert_snapshot!(errors(&acme_with("auto_promotion = true", r#"auto_promotion = "yes""#)), @"acme.toml:16: features.auto_promotion: expected true or false, found text");
    assert_snapshot!(errors(&acme_with(r#"roles = ["user"]"#, r#"roles = "user""#)), @"acme.toml:48: users[0].roles: expected a list, found text; write it in [ ]");
    assert_snapshot!(errors_with("[users]\nname = 'x'"), @"acme.toml:13: users: expected a list, found a table; write its header in [[ ]]");
    assert_snapshot!(errors(&format!("pools = [1]{LEAST}")), @"acme.toml:1: pools[0]: expected a table, found a whole number");
}

#[test]
fn a_number_out_of_range_is_named_with_its_range() {
    assert_snapshot!(errors(&acme_with("lock_minutes = 60", "lock_minutes = 0")), @"acme.toml:25: limits.wrong_extensions.lock_minutes: 0 is out of range; write 1 to 10080");
    assert_snapshot!(errors(&acme_with("auto_replies_per_hour = 5", "auto_replies_per_hour = -5")), @"acme.toml:24: limits.auto_replies_per_hour: -5 is out of range; write 1 to 1000");
    assert_snapshot!(errors(&acme_with("after_days = 0", "after_days = 99999999999999999999999")), @"acme.toml:21: features.pair_reuse_after_days: 99999999999999999999999 is out of range; write 0 to 3650");
}

#[test]
fn an_inline_secret_is_refused_and_never_repeated() {
    let inline = [
        acme_with(r#""env:ACME_APP_SECRET""#, r#""hunter2""#),
        acme_with(r#""env:ACME_APP_SECRET""#, r#""env:hunter2!""#),
        acme_with(r#""env:ACME_APP_SECRET""#, "hunter2"),
        acme_with(r#""env:ACME_APP_SECRET""#, r#"["hunter2"]"#),
        acme_with(r#""env:ACME_APP_SECRET""#, r#""hunter2"#),
        acme_with("app_secret =", r#"secret = "hunter2" #"#),
    ];
    let told: Vec<_> = inline.iter().map(|text| errors(text)).collect();
    assert!(told.iter().all(|told| !told.contains("hunter2")), "{told:#?}");
    assert_snapshot!(told[0], @"acme.toml:11: whatsapp.app_secret: a secret is given by reference: write env:NAME or file:PATH, never the secret itself");
    assert_snapshot!(told[2], @"acme.toml:11: not TOML: string values must be quoted, expected literal string");
}

#[test]
fn a_clash_of_extensions_is_told_where_the_second_is() {
    let text = acme_with(
        "username = \"kate\"",
        "username = \"kate\"\nextension = \"#DOM123456\"",
    );
    assert_snapshot!(errors(&text), @"acme.toml:52: users[1].extension: extension #dom123456 is also user dom's; give one of them another");
    let text = acme_with(
        "username = \"kate\"",
        "username = \"kate\"\nextension = \"#doml23456\"",
    );
    assert_snapshot!(errors(&text), @"acme.toml:52: users[1].extension: extension #doml23456 looks like #dom123456 of user dom; choose one that cannot be mistaken for it");
}

#[test]
fn a_number_in_two_pools_is_told_where_the_second_is() {
    let pool = "[[pools]]\nid = 'private'\norg_units = ['hk-private']\nprimary = '+85251079302'\n\
                secondaries = [\n  '+85251079303',\n]\n[templates.invitation]";
    assert_snapshot!(errors(&acme_with("[templates.invitation]", pool)), @"
    acme.toml:92: pools[1].primary: +85251079302 is in pool `hk`; a number belongs to one pool, take it out of one
    acme.toml:94: pools[1].secondaries[0]: +85251079303 is in pool `hk`; a number belongs to one pool, take it out of one
    ");
}

#[test]
fn what_is_missing_is_told_where_it_belongs() {
    assert_snapshot!(errors(&acme_with("org_unit = \"hk-private\"\n", "")), @"acme.toml:40: users[0].org_unit: is missing; add it");
    assert_snapshot!(errors(&LEAST.replace("[features]\ninvitation = \"link\"", "")), @r#"acme.toml:1: templates.invitation: there is no template to invite with; add [templates.invitation], or set features.invitation = "link""#);
    assert_snapshot!(errors_with("[templates.room_reminder]\nbody = ['{name}']"), @"
    acme.toml:13: templates.room_reminder.name: is missing; add it
    acme.toml:13: templates.room_reminder.language: is missing; add it
    acme.toml:14: templates.room_reminder.body[0]: unknown placeholder {name}; known are {user_name}, {user_title}, {company_name}, {extension}, {primary_number}, {secondary_number}, {link}, {position}, {asked_number}
    ");
}

#[test]
fn a_text_is_checked_where_it_stands() {
    assert_snapshot!(errors(&acme_with("{secondary_number}", "{number}")), @"acme.toml:103: texts.en.user_info: unknown placeholder {number}; known are {user_name}, {user_title}, {company_name}, {extension}, {primary_number}, {secondary_number}, {link}, {position}, {asked_number}");
    assert_snapshot!(errors(&acme_with("user_info =", "user_inf =")), @"acme.toml:103: texts.en.user_inf: unknown text; did you mean `user_info`? known here: no_extension, extension_not_found, guessing_locked, number_of_room, number_ours, number_not_ours, user_info, hand_off_link, room_reminder, room_pointer, no_secondary_number, messaging_limit_reached, account_unhealthy, invitation_failed, prospect_received, room_closed, room_ended, declined, room_moved, room_handed_over, opted_out, still_opted_out, opted_in, waiting_list, waiting_expired");
    assert_snapshot!(errors(&acme_with("[texts.zh-HK]", "[texts.zh_TW]")), @"acme.toml:105: texts.zh-TW: nobody is answered in `zh-TW`; add it to company.languages or remove its texts");
    assert_snapshot!(errors(&acme_with("[texts.zh-HK]", "[texts.EN]")), @"acme.toml:102: texts.en: the texts in `en` stand here under two spellings of it; keep one");
    assert_snapshot!(errors(&acme_with("[texts.zh-HK]", "[texts.chinese-please]")), @"acme.toml:105: texts.chinese-please: not a language tag: write [texts.LANG] with for example en or zh-HK");
    assert_snapshot!(errors(&acme_with(r#"text = "{extension}""#, r#"text = "Hi""#)), @"acme.toml:100: qr.text: the text of QR codes must contain {extension}");
    assert_snapshot!(errors(&acme_with(r#"text = "{extension}""#, &format!(r#"text = "{{extension}}{}""#, "x".repeat(135)))), @"acme.toml:46: users[0].extension: with it the code would type 145 characters, and WhatsApp types 140 at the most; shorten it or the company's qr.text");
    assert_snapshot!(errors(&acme_with(r#"body = ["{user_name}"]"#, "body = ['{user_name}']\ntext = 'Hi {{1}}, {{2}}'")), @"acme.toml:98: templates.room_reminder.text: it has 2 place(s) for parameters and body gives 1; make them the same number");
    assert_snapshot!(errors(&acme_with(r#"["{user_name}"]"#, r#"["{user_name}", ""]"#)), @"acme.toml:97: templates.room_reminder.body[1]: a text has 1 to 4096 characters");
}

#[test]
fn one_country_has_one_entry() {
    assert_snapshot!(errors(&acme_with("MO = ", "MO = 'HK', mo = ")), @"acme.toml:87: pools[0].geography_mapping.mo: `MO` stands here under two spellings of it; keep one");
    assert_snapshot!(errors(&acme_with("MO = \"HK\"", "Macao = 'Hong Kong'")), @"
    acme.toml:87: pools[0].geography_mapping.Macao: the value is not a country code: write the two letters of ISO 3166, for example HK
    acme.toml:87: pools[0].geography_mapping.Macao: the key is not a country code: write the two letters of ISO 3166, for example HK
    ");
}

#[test]
fn what_cannot_be_read_draws_no_second_complaint() {
    assert_snapshot!(errors(&acme_with("invitation = \"template\"", "invitation = \"fax\"")), @"acme.toml:20: features.invitation: `fax` is not known; write one of template, link");
    assert_snapshot!(errors(&acme_with("primary = \"+85256428035\"", "primary = \"56428035\"")), @"acme.toml:82: pools[0].primary: not a phone number in international form: write + and 7 to 15 digits, for example +85256428035");
    assert_snapshot!(errors(&acme_with("secondaries = [\"+85251079302\", ", "secondaries = [1, 2, ")), @"
    acme.toml:83: pools[0].secondaries[0]: expected text, found a whole number; write it in quotes
    acme.toml:83: pools[0].secondaries[1]: expected text, found a whole number; write it in quotes
    ");
}

#[test]
fn unreadable_ids_are_not_taken_for_each_other() {
    let units = "[[org_units]]\nid = 1\nname = 'A'\n[[org_units]]\nid = 2\nname = 'B'";
    assert_snapshot!(errors_with(units), @"
    acme.toml:14: org_units[0].id: expected text, found a whole number; write it in quotes
    acme.toml:17: org_units[1].id: expected text, found a whole number; write it in quotes
    ");
}

#[test]
fn what_is_repeated_cannot_command_the_terminal() {
    assert_snapshot!(errors(&acme_with(r#"id = "acme""#, r#"id = "a\u001b[2J\nb""#)), @r#"acme.toml:4: company.id: `a\u{1b}[2J\nb` is not a valid id: use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or digit"#);
}

#[test]
fn two_rules_may_speak_of_one_value() {
    let pool = "[[pools]]\nid = 'moon'\norg_units = ['moon', 'moon']\nprimary = '+85251079302'\n\
                secondaries = ['+85251079303']\n[templates.invitation]";
    assert_snapshot!(errors(&acme_with("[templates.invitation]", pool)), @"
    acme.toml:91: pools[1].org_units[0]: there is no org unit `moon`; add it to org_units or name one that is there
    acme.toml:91: pools[1].org_units[1]: there is no org unit `moon`; add it to org_units or name one that is there
    acme.toml:91: pools[1].org_units[1]: `moon` stands in this list twice; remove one
    acme.toml:92: pools[1].primary: +85251079302 is in pool `hk`; a number belongs to one pool, take it out of one
    acme.toml:93: pools[1].secondaries[0]: +85251079303 is in pool `hk`; a number belongs to one pool, take it out of one
    ");
}

#[test]
fn errors_of_syntax_stand_alone() {
    assert_snapshot!(errors(&acme_with("country = \"HK\"", "country = HK\nname")), @"
    acme.toml:6: not TOML: string values must be quoted, expected literal string
    acme.toml:7: not TOML: key with no value, expected `=`
    ");
    assert_snapshot!(errors(&acme_with("country = \"HK\"", "id = \"twice\"")), @"acme.toml:6: not TOML: duplicate key");
}

#[test]
fn a_country_that_is_none_and_a_number_of_nobody_are_told_where_they_stand() {
    let told = [
        acme_with("MO = \"HK\"", "MO = \"HX\""),
        acme_with("country = \"HK\"", "country = \"XX\""),
        acme_with("default_country = \"HK\"", "default_country = \"UK\""),
        acme_with(
            "phone_number = \"+85291234567\"",
            "phone_number = \"+99912345678\"",
        ),
        acme_with(
            "draining = [\"+85251079303\"]",
            "draining = [\"+85251079302\", \"+85251079303\"]",
        ),
    ];
    let told: Vec<_> = told.iter().map(|text| errors(text)).collect();
    assert_snapshot!(told.join("\n"), @"
    acme.toml:87: pools[0].geography_mapping.MO: no country has the code HX; write one of ISO 3166, for example HK
    acme.toml:6: company.country: no country has the code XX; write one of ISO 3166, for example HK
    acme.toml:85: pools[0].default_country: no country has the code UK; write one of ISO 3166, for example HK
    acme.toml:59: client_profiles[0].phone_number: no country has the calling code that this number begins with; correct it
    acme.toml:84: pools[0].draining: every secondary of the pool is draining, so no conversation could open; leave one out, add another number, or take the pool away
    ");
}
