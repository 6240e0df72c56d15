//! The phone page's files.

use crate::stand::Stand;

#[tokio::test]
async fn the_page_is_served_under_a_strict_policy() {
    let stand = Stand::new();
    let base = format!("{}/simulator", stand.simulator.base_url);
    let redirect = stand.http.get(&base).send().await.unwrap();
    assert_eq!(redirect.status().as_u16(), 308);
    for (file, kind) in [
        ("", "text/html"),
        ("app.js", "text/javascript"),
        ("style.css", "text/css"),
    ] {
        let answer = stand.http.get(format!("{base}/{file}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{file}");
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with(kind)
        );
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    }
    let svg = stand
        .http
        .get(stand.api("scannables/0.svg"))
        .send()
        .await
        .unwrap();
    assert_eq!(svg.headers()["content-type"], "image/svg+xml");
    for missing in ["nothing.js", "../Cargo.toml", "..%2fCargo.toml"] {
        let answer = stand.http.get(format!("{base}/{missing}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{missing}");
    }
}

#[test]
fn no_script_writes_html_and_nothing_is_inline() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            " style=\"",
            " onclick=",
            "eval(",
        ] {
            assert!(!text.contains(forbidden), "{} has {forbidden}", path.display());
        }
    }
}
