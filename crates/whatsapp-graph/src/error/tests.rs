use super::*;

/// Written from the page, not from the table: code and the class it must have.
fn expected() -> Vec<(i64, ErrorClass)> {
    use ErrorClass::{Message, PauseAccount, PauseNumber, Recipient, Retry, Template, WindowClosed};
    let mut all = Vec::new();
    let mut put = |codes: &[i64], class| all.extend(codes.iter().map(|code| (*code, class)));
    put(&[4, 80007, 130_429, 131_056], Retry { safe: true });
    put(
        &[1, 2, 131_000, 131_016, 131_057, 133_004, 2_494_100],
        Retry { safe: false },
    );
    put(
        &[
            0, 3, 10, 190, 200, 230, 299, 368, 130_497, 131_005, 131_031, 131_042, 141_006, 141_010,
        ],
        PauseAccount,
    );
    put(&[33, 131_037, 131_045, 131_048, 133_010], PauseNumber);
    put(&[131_047], WindowClosed);
    put(&[130_403], Recipient(RecipientTrouble::BlockedByUs));
    put(&[130_472], Recipient(RecipientTrouble::Experiment));
    put(&[131_026], Recipient(RecipientTrouble::Undeliverable));
    put(&[131_030], Recipient(RecipientTrouble::NotAllowListed));
    put(&[131_049], Recipient(RecipientTrouble::Withheld));
    put(&[131_050], Recipient(RecipientTrouble::OptedOut));
    put(&[131_062], Recipient(RecipientTrouble::PhoneNeeded));
    put(&[131_070], Recipient(RecipientTrouble::ThreadOwnedElsewhere));
    put(&[137_000], Recipient(RecipientTrouble::IdentityChanged));
    put(&[132_001, 141_002], Template(TemplateTrouble::Missing));
    put(
        &[132_000, 132_012, 132_018],
        Template(TemplateTrouble::Parameters),
    );
    put(&[132_005], Template(TemplateTrouble::TooLong));
    put(
        &[132_007, 2_388_293, 2_388_299],
        Template(TemplateTrouble::Policy),
    );
    put(&[132_015], Template(TemplateTrouble::Paused));
    put(
        &[132_016, 134_100, 134_101, 134_102],
        Template(TemplateTrouble::Disabled),
    );
    put(&[132_068, 132_069], Template(TemplateTrouble::Flow));
    put(&[131_063, 131_064], Template(TemplateTrouble::CategoryRestricted));
    put(
        &[
            100, 803, 130_501, 131_008, 131_009, 131_021, 131_051, 131_052, 131_053, 131_055, 131_059,
        ],
        Message,
    );
    put(
        &[
            131_060, 131_061, 131_065, 133_000, 133_005, 133_006, 133_008, 133_009, 133_015, 133_016,
        ],
        Message,
    );
    put(
        &[
            134_011, 135_000, 136_024, 138_000, 138_999, 139_100, 139_101, 139_102, 139_103,
        ],
        Message,
    );
    put(&[147_001, 147_005, 2_593_107, 2_593_108, 2_593_109], Message);
    all
}

fn body(code: i64, transient: bool) -> ApiErrorBody {
    ApiErrorBody::from_json(&format!(r#"{{"code":{code},"is_transient":{transient}}}"#)).unwrap()
}

#[test]
fn every_documented_code_has_its_class() {
    let expected = expected();
    for (code, class) in &expected {
        assert!(known(*code).is_some(), "{code} is documented");
        assert_eq!(body(*code, false).class(), *class, "{code}");
    }
    for row in TABLE {
        let covered = expected.iter().any(|(code, _)| row.codes.contains(code));
        assert!(covered, "no expectation for {:?}", row.codes);
    }
}

#[test]
fn the_table_ascends_without_overlap() {
    for pair in TABLE.windows(2) {
        assert!(
            pair[0].codes.end() < pair[1].codes.start(),
            "{:?} {:?}",
            pair[0].codes,
            pair[1].codes
        );
    }
}

#[test]
fn unknown_codes_are_not_repeated() {
    for code in [-1, 5, 199, 300, 131_999, i64::MAX] {
        assert_eq!(known(code), None);
        assert_eq!(body(code, false).class(), ErrorClass::Message, "{code}");
    }
}

#[test]
fn transient_errors_are_doubtful_unless_known_to_be_safe() {
    for code in [5, 100, 190, 131_047] {
        assert_eq!(
            body(code, true).class(),
            ErrorClass::Retry { safe: false },
            "{code}"
        );
    }
    assert_eq!(body(4, true).class(), ErrorClass::Retry { safe: true });
}

#[test]
fn error_objects_are_read_leniently() {
    let error = ApiErrorBody::from_json(
        r#"{"code":"131047","title":"T","message":"M","error_data":{"details":"D","x":[]},"error_subcode":463.0,
            "is_transient":"true","fbtrace_id":7,"new":{}}"#,
    )
    .unwrap();
    assert_eq!(
        (error.code, error.subcode, error.is_transient),
        (131_047, Some(463), true)
    );
    assert_eq!(error.details.as_deref(), Some("D"));
    assert_eq!(error.trace_id.as_deref(), Some("7"));
    for bad in [
        "null",
        "[]",
        "{}",
        r#"{"code":null}"#,
        r#"{"code":"x"}"#,
        r#"{"code":1.5}"#,
        "x",
    ] {
        assert!(ApiErrorBody::from_json(bad).is_none(), "{bad}");
    }
}

#[test]
fn words_of_the_error_stay_out_of_logs() {
    let error =
        ApiErrorBody::from_json(r#"{"code":100,"message":"+14155550123","error_data":{"details":"hello"}}"#)
            .unwrap();
    let logged = format!("{error} {error:?}");
    assert!(
        !logged.contains("4155550123") && !logged.contains("hello"),
        "{logged}"
    );
}
