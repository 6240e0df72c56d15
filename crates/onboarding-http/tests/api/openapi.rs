//! The description of the API, as it is kept and served.

use std::collections::BTreeSet;

use onboarding_http::api::{document, endpoints};
use serde_json::Value;

use crate::bench::{Bench, request};

/// The file in `docs/` is what integrators and their tools look at before they run anything.
#[test]
fn the_kept_description_is_current() {
    let current = serde_json::to_value(document(&endpoints())).unwrap();
    let kept: Value = serde_json::from_str(include_str!("../../../../docs/openapi.json")).unwrap();
    assert!(
        kept == current,
        "docs/openapi.json is not what the routes say; write it anew:\n\
         cargo run -p onboarding-http --example openapi > docs/openapi.json"
    );
}

/// Failure 38: a webhook that is signed with a key which its receiver cannot have. None goes out; whoever adds one adds the
/// way to its key, and the test that a receiver verifies it, in place of this.
#[test]
fn no_webhook_goes_out() {
    let document = serde_json::to_value(document(&endpoints())).unwrap();
    assert_eq!(document.get("webhooks"), None);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert_eq!(operation.get("callbacks"), None, "{method} {path}");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = serde_json::to_value(document(&endpoints())).unwrap();
    let mut names = BTreeSet::new();
    for path in document["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name.clone()), "{name}");
        }
    }
}

/// Whoever reads it needs no program, no script and no other site.
#[actix_web::test]
async fn the_page_for_people_tells_of_every_operation_and_form() {
    let bench = Bench::new().await;
    let page = bench.sends(request("GET", "/docs")).await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'self'")
    );
    assert!(
        !page.text.contains("<script") && !page.text.contains("=\"http") && !page.text.contains("=\"//"),
        "nothing from elsewhere"
    );
    let document = serde_json::to_value(document(&endpoints())).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        assert!(page.text.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.text.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    for form in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("id=\"{form}\"")), "{form}");
    }
    let links = page
        .text
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    for link in links {
        assert!(
            page.text.contains(&format!("id=\"{link}\"")),
            "#{link} leads somewhere"
        );
    }
}

/// Every schema that is referred to is there, and there is none that nobody refers to.
#[test]
fn references_lead_somewhere() {
    let document = serde_json::to_value(document(&endpoints())).unwrap();
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    let there = document["components"]["schemas"].as_object().unwrap();
    let there: BTreeSet<_> = there.keys().cloned().collect();
    assert_eq!(referred, there);
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member
                    .as_str()
                    .and_then(|text| text.strip_prefix("#/components/schemas/"))
                {
                    Some(schema) if name == "$ref" => drop(found.insert(schema.to_owned())),
                    _ => collect(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Where the API reads and changes what a section of a manifest sets: the path, and the form with its keys.
fn resource_of(section: &str) -> (&'static str, &'static str) {
    match section {
        "company" => ("company", "CompanyForm"),
        "whatsapp" => ("whatsapp-secrets", "SecretsForm"),
        "features" => ("features", "FeaturesForm"),
        "limits" => ("limits", "LimitsForm"),
        "org_units" => ("org-units/{id}", "OrgUnitForm"),
        "external_companies" => ("external-companies/{id}", "ExternalCompanyForm"),
        "users" => ("users/{username}", "UserForm"),
        "client_profiles" => ("client-profiles/{id}", "ClientProfileForm"),
        "official_accounts" => ("official-accounts/{phone_number}", "OfficialAccountForm"),
        "pools" => ("pools/{id}", "PoolForm"),
        "templates.invitation" => ("templates", "TemplateForm"),
        "qr" => ("qr", "QrForm"),
        "sign_in" => ("sign-in", "SignInForm"),
        "sign_in.provider" => ("sign-in", "ProviderForm"),
        "sign_in.teams" => ("sign-in", "TeamsForm"),
        "texts.LANG" => ("texts", "TextsForm"),
        "opt_out.LANG" => ("opt-out-words", "WordsForm"),
        other => panic!("nothing of the API sets [{other}]"),
    }
}

/// The sections of the reference of manifests with their keys.
fn sections() -> Vec<(&'static str, Vec<&'static str>)> {
    let reference = include_str!("../../../../docs/manifest.md");
    let quoted = |text: &'static str| text.split('`').nth(1).unwrap();
    let with_keys = |section: &'static str| {
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        (
            quoted(section).trim_matches(['[', ']']),
            rows.map(quoted).collect(),
        )
    };
    reference
        .split("\n## ")
        .filter(|section| section.starts_with("`["))
        .map(with_keys)
        .collect()
}

/// What `apply` can set, the API can read and change. The id of a company stays; who goes on after somebody
/// who leaves is said when they leave.
#[test]
fn what_a_manifest_sets_the_api_sets_too() {
    let document = serde_json::to_value(document(&endpoints())).unwrap();
    let sections = sections();
    assert!(sections.len() > 10, "{sections:?}");
    for (section, keys) in sections {
        if section == "leavers" {
            let leaving = &document["paths"]["/api/v1/users/{username}"]["delete"]["parameters"];
            assert!(
                leaving
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| one["name"] == "hand_over_to")
            );
            continue;
        }
        let (path, form) = resource_of(section);
        let operations = document["paths"][format!("/api/v1/{path}")].as_object().unwrap();
        let several = path.ends_with('}');
        for method in ["get", "put", "delete"] {
            assert!(
                operations.contains_key(method) || (method == "delete" && !several),
                "{method} {path}"
            );
        }
        if several {
            let list = path.split('/').next().unwrap();
            assert!(
                document["paths"][format!("/api/v1/{list}")].get("post").is_some(),
                "{list}"
            );
        }
        let properties = document["components"]["schemas"][form]["properties"]
            .as_object()
            .unwrap();
        for key in keys {
            assert!(
                // The logo is a file, with a path of its own.
                properties.contains_key(key) || [("company", "id"), ("qr", "logo")].contains(&(section, key)),
                "{form} lacks {key}"
            );
        }
    }
}
