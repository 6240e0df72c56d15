use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vector {
    label: String,
    app_secret: String,
    body: String,
    header: String,
}

fn check(body: &[u8], headers: &[&[u8]], secrets: &[&AppSecret]) -> Result<Vec<usize>, SignatureError> {
    VerifiedBody::verify(
        Bytes::copy_from_slice(body),
        headers.iter().copied(),
        secrets.iter().copied().enumerate(),
    )
    .map(|(verified, keys)| {
        assert_eq!(verified.as_bytes(), body);
        keys
    })
}

#[test]
fn published_vectors_sign_and_verify() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../tests/data/samples/signatures.json")).unwrap();
    assert_eq!(vectors.len(), 6);
    for v in vectors {
        let secret = AppSecret::new(v.app_secret);
        assert_eq!(secret.sign(v.body.as_bytes()), v.header, "{}", v.label);
        assert_eq!(
            check(v.body.as_bytes(), &[v.header.as_bytes()], &[&secret]),
            Ok(vec![0]),
            "{}",
            v.label
        );
    }
}

#[test]
fn every_matching_key_is_returned_and_no_other() {
    let (a, b) = (AppSecret::new("a".to_owned()), AppSecret::new("b".to_owned()));
    let header = a.sign(b"{}");
    assert_eq!(
        check(b"{}", &[header.as_bytes()], &[&b, &a, &b, &a]),
        Ok(vec![1, 3])
    );
    assert_eq!(
        check(b"{}", &[header.as_bytes()], &[&b]),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        check(b"{}", &[header.as_bytes()], &[]),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn bad_headers_are_refused() {
    let secret = AppSecret::new("s".to_owned());
    let good = secret.sign(b"body");
    let digits = good.strip_prefix("sha256=").unwrap();
    let malformed = [
        String::new(),
        "sha256=".to_owned(),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("SHA256={digits}"),
        format!("sha256:{digits}"),
        format!("sha256={}", digits.to_uppercase()),
        format!("sha256={}", &digits[..63]),
        format!("sha256={}", &digits[..62]),
        format!("sha256={digits}0"),
        format!("sha256={digits}00"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good},{good}"),
        format!("sha256=\"{digits}\""),
        format!("sha256={}g", &digits[..63]),
        format!("sha256={}é", &digits[..62]),
    ];
    for header in malformed {
        assert_eq!(
            check(b"body", &[header.as_bytes()], &[&secret]),
            Err(SignatureError::Malformed),
            "{header}"
        );
    }
    assert_eq!(
        check(b"body", &[&[0xff; 71]], &[&secret]),
        Err(SignatureError::Malformed)
    );
    assert_eq!(check(b"body", &[], &[&secret]), Err(SignatureError::Absent));
    let good = good.as_bytes();
    assert_eq!(
        check(b"body", &[good, good], &[&secret]),
        Err(SignatureError::Duplicate)
    );
    assert_eq!(
        check(b"body ", &[good], &[&secret]),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn the_empty_secret_verifies_nothing() {
    let empty = AppSecret::new(String::new());
    let header = empty.sign(b"{}");
    assert_eq!(
        check(b"{}", &[header.as_bytes()], &[&empty]),
        Err(SignatureError::Mismatch)
    );
    assert!(!verify_token_matches(&SecretString::from(""), ""));
}

#[test]
fn verify_token_is_compared_whole() {
    let ours = SecretString::from("our-token");
    assert!(verify_token_matches(&ours, "our-token"));
    for other in ["", "our-toke", "our-token ", "Our-token", "our-token\0"] {
        assert!(!verify_token_matches(&ours, other), "{other:?}");
    }
}

#[test]
fn debug_shows_neither_secret_nor_body() {
    let secret = AppSecret::new("hunter2".to_owned());
    let header = secret.sign(b"words");
    let (body, _) =
        VerifiedBody::verify(Bytes::from_static(b"words"), [header.as_bytes()], [((), &secret)]).unwrap();
    assert_eq!(
        format!("{secret:?} {body:?}"),
        "AppSecret(redacted) VerifiedBody(5 bytes)"
    );
}

proptest! {
    #[test]
    fn what_we_sign_verifies(body: Vec<u8>, key in ".+") {
        let secret = AppSecret::new(key);
        let header = secret.sign(&body);
        prop_assert_eq!(check(&body, &[header.as_bytes()], &[&secret]), Ok(vec![0]));
    }

    #[test]
    fn a_mutated_header_never_verifies(body: Vec<u8>, at in 0..71usize, byte: u8) {
        let secret = AppSecret::new("k".to_owned());
        let mut header = secret.sign(&body).into_bytes();
        prop_assume!(header[at] != byte);
        header[at] = byte;
        prop_assert!(check(&body, &[&header], &[&secret]).is_err());
    }

    #[test]
    fn a_mutated_body_never_verifies(mut body in proptest::collection::vec(any::<u8>(), 1..64), at: prop::sample::Index, flip in 1..=255u8) {
        let secret = AppSecret::new("k".to_owned());
        let header = secret.sign(&body);
        let at = at.index(body.len());
        body[at] ^= flip;
        prop_assert_eq!(check(&body, &[header.as_bytes()], &[&secret]), Err(SignatureError::Mismatch));
    }
}
