//! Whom a provider may name and with which keys; and what holds beside it: passwords, second factors, how often strangers may try.

use super::*;

#[actix_web::test]
async fn nobody_is_known_by_an_address_nor_under_a_name_of_another_provider_nor_after_they_left() {
    let (bench, provider) = bench().await;
    let tries = async |edit: fn(&mut Value)| {
        let away = leaves(&bench).await;
        let mut claims = away.claims(&bench, &provider);
        edit(&mut claims);
        away.is_given(&provider, provider.key.signs(&claims));
        away.comes_back(&bench).await
    };
    let unknown = "Your company account is not known here. Ask your company admin";
    let answer = tries(|claims| {
        claims["sub"] = "u-0000".into();
        claims["email"] = "dom@acme.example".into();
        claims["email_verified"] = true.into();
        claims["preferred_username"] = "dom".into();
    })
    .await;
    is_refused(&answer, unknown);
    assert!(told(&bench).await.1.contains("no active user is known"));
    configures(&bench, |config| {
        gives(config, "dom", "https://other.example", SUBJECT);
    })
    .await;
    is_refused(&tries(|_| {}).await, unknown);
    configures(&bench, |config| gives(config, "dom", &provider.issuer, SUBJECT)).await;
    assert!(session(&tries(|_| {}).await).is_some());
    let (_, revision) = bench.api.store.config(&acme_id()).await.unwrap().unwrap();
    let left = ConfigChange::DeactivateUser {
        username: "dom".to_owned(),
        successor: None,
    };
    let (by, now) = (Origin::operator("tests"), bench.api.clock.now());
    let applied = bench
        .api
        .store
        .apply(&acme_id(), Some(revision), vec![left], &by, now)
        .await;
    assert!(matches!(applied.unwrap(), ApplyOutcome::Applied(_)));
    is_refused(&tries(|_| {}).await, unknown);
}

#[actix_web::test]
async fn a_new_key_is_found_and_keys_that_nobody_has_make_us_ask_no_more_often() {
    let (bench, provider) = bench().await;
    let tries = async |key: &Key| {
        let away = leaves(&bench).await;
        away.is_given(&provider, key.signs(&away.claims(&bench, &provider)));
        session(&away.comes_back(&bench).await).is_some()
    };
    assert!(tries(&provider.key).await);
    let newer = Key::new("second");
    provider.says().keys = vec![newer.published()];
    assert!(!tries(&newer).await, "it was asked a moment ago");
    assert_eq!(provider.says().asked_for_keys, 1);
    bench.clock.advance(Duration::from_mins(1));
    assert!(tries(&newer).await);
    assert_eq!(provider.says().asked_for_keys, 2);
    let nobodys = Key::new("third");
    for _ in 0..5 {
        assert!(!tries(&nobodys).await);
    }
    assert_eq!(provider.says().asked_for_keys, 2);
    assert!(!tries(&provider.key).await, "it was withdrawn");
}

#[actix_web::test]
async fn passwords_are_there_beside_a_provider_where_the_company_set_them() {
    let (bench, _provider) = bench().await;
    let dom = bench
        .api
        .store
        .user_named(&acme_id(), "dom")
        .await
        .unwrap()
        .unwrap();
    let by = Origin::operator("tests");
    let lasts = onboarding_core::access::LINK_LASTS;
    let link = bench
        .api
        .local
        .make_link(&acme_id(), &dom, lasts, &by)
        .await
        .unwrap();
    let link = format!("/set-up/{}", secrecy::ExposeSecret::expose_secret(&link.secret));
    let posts = async |path: &str, body: &str| {
        let asked = request("POST", path)
            .insert_header(("Content-Type", "application/x-www-form-urlencoded"))
            .insert_header(("Origin", ORIGIN));
        bench.sends(asked.set_payload(body.to_owned())).await
    };
    let set_up = "password=plum+harbour+tilts&again=plum+harbour+tilts&code=";
    let enters = "company=acme&username=dom&password=plum+harbour+tilts&code=";
    assert_eq!(bench.sends(request("GET", &link)).await.status, 410);
    assert_eq!(posts(&link, set_up).await.status, 410);
    configures(&bench, |config| config.settings.sign_in.local_accounts = true).await;
    let page = bench.sends(request("GET", "/sign-in?company=acme")).await;
    assert!(page.text.contains("name=\"password\"") && page.text.contains("/sign-in/provider"));
    assert_eq!(posts(&link, set_up).await.status, 303);
    assert_eq!(posts("/sign-in", enters).await.status, 303);
    configures(&bench, |config| config.settings.sign_in.local_accounts = false).await;
    assert_eq!(posts("/sign-in", enters).await.status, 403, "not any more");
}

#[actix_web::test]
async fn an_admin_administers_when_the_provider_vouches_for_a_second_factor() {
    let (bench, provider) = bench().await;
    configures(&bench, |config| {
        gives(config, "michael", &provider.issuer, "u-michael");
    })
    .await;
    let enters = async |amr: Value| {
        let away = leaves(&bench).await;
        let mut claims = away.claims(&bench, &provider);
        claims["sub"] = "u-michael".into();
        claims["amr"] = amr;
        away.is_given(&provider, provider.key.signs(&claims));
        let answer = away.comes_back(&bench).await;
        let asked = request("GET", "/api/v1/users").insert_header(("Cookie", session(&answer).unwrap()));
        bench.sends(asked).await
    };
    let refused = enters(json!(["pwd"])).await;
    assert_eq!(
        (refused.status.as_u16(), refused.kind()),
        (403, "second-factor-needed")
    );
    assert_eq!(enters(json!(["pwd", "mfa"])).await.status, 200);
    configures(&bench, |config| {
        config.settings.sign_in.provider.as_mut().unwrap().second_factor = true;
    })
    .await;
    assert_eq!(enters(Value::Null).await.status, 200);
}

#[actix_web::test]
async fn strangers_send_others_to_the_provider_as_often_as_they_may_try() {
    let bench = Bench::with_passwords(onboarding_http::api::Limits::default()).await;
    let mut statuses = BTreeMap::new();
    for _ in 0..100 {
        let answer = returns(&bench, "code=x&state=y", None).await;
        *statuses.entry(answer.status.as_u16()).or_insert(0) += 1;
    }
    assert!(statuses[&429] > 0 && statuses[&403] > 0, "{statuses:?}");
}
