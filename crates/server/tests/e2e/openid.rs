//! Signing in to the running service through a real OpenID provider on this machine, `oidc-provider`: the whole way of a
//! browser, what a provider could say that is not to be believed, and the tokens of Microsoft Teams.

use std::{collections::BTreeMap, process::Stdio};

use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::{Value, json};

use crate::{
    deployment::{Deployment, Replica},
    process::Running,
};

/// By what the provider names Dom.
const SUBJECT: &str = "u-7f3a|dom";
/// The company's directory at Microsoft, our application, and by what the directory names Dom.
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const AUDIENCE: &str = "5a0b1c2d-0000-4000-8000-000000000001";
pub(crate) const OBJECT: &str = "0b2f4f9e-1111-4222-8333-000000000007";

/// The provider, as a process of its own.
pub(crate) struct Provider {
    running: Running,
    pub(crate) issuer: String,
}

impl Provider {
    /// It signs with this algorithm.
    pub(crate) fn start(algorithm: &str) -> Self {
        let mut node = test_tools::node(include_str!("provider.mjs"));
        node.arg(algorithm)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let running = Running::start(node);
        let said = running.line_with("issuer http");
        let issuer = said.trim_start_matches("issuer ").to_owned();
        Self { running, issuer }
    }

    fn begins(&mut self, redirect: &str) {
        self.running.tell(redirect);
        self.running.line_with("ready");
    }

    fn is_told(&mut self, order: &Value) {
        self.running.tell(&order.to_string());
        self.running.line_with("obeys");
    }

    /// A token of the directory with these claims.
    fn token(&mut self, claims: &Value, twist: Value) -> String {
        let mut order = twist;
        order["tenant"] = true.into();
        order["of"] = claims.clone();
        self.running.tell(&order.to_string());
        let said = self.running.line_with("token ");
        said.trim_start_matches("token ").to_owned()
    }

    /// A token with which the tab of the person with this object id calls, good for an hour.
    pub(crate) fn token_of(&mut self, object: &str) -> String {
        let claims = json!({
            "iss": format!("{}/{TENANT}/v2.0", self.issuer), "aud": AUDIENCE, "tid": TENANT, "oid": object,
            "sub": "pairwise", "ver": "2.0", "scp": "access_as_user",
        });
        self.token(&claims, json!({ "times": { "iat": 0, "nbf": 0, "exp": 3600 } }))
    }

    /// A deployment whose people it knows: Dom is a user, Michael administers.
    pub(crate) fn deployment(&self) -> Deployment {
        let deployment = Deployment::new();
        let path = deployment.folder.path().join("acme.toml");
        let secret = deployment.folder.path().join("oidc_secret");
        std::fs::write(&secret, "the oidc/+& secret\n").unwrap();
        let issuer = &self.issuer;
        let identity =
            |issuer: &str, subject: &str| format!("{{ issuer = \"{issuer}\", subject = \"{subject}\" }}");
        let (dom, michael) = ("username = \"dom\"\n", "username = \"michael\"\n");
        let own = identity(issuer, SUBJECT);
        let directory = identity(&format!("{issuer}/{TENANT}/v2.0"), OBJECT);
        let manifest = std::fs::read_to_string(&path).unwrap();
        let manifest = manifest
            .replace(dom, &format!("{dom}identities = [{own}, {directory}]\n"))
            .replace(
                michael,
                &format!(
                    "{michael}roles = [\"admin\"]\nidentities = [{}]\n",
                    identity(issuer, "u-michael")
                ),
            );
        let sign_in = format!(
            "\n[sign_in.provider]\nissuer = \"{issuer}\"\nclient_id = \"acme-client\"\nclient_secret = \"file:{}\"\n\
             \n[sign_in.teams]\ntenant = \"{TENANT}\"\naudience = \"{AUDIENCE}\"\n",
            secret.display(),
        );
        std::fs::write(&path, format!("{manifest}{sign_in}")).unwrap();
        let applied = deployment.command(&["apply", "acme.toml"]).output().unwrap();
        assert!(
            applied.status.success(),
            "{}",
            String::from_utf8_lossy(&applied.stderr)
        );
        deployment
    }

    /// The service, in which Microsoft signs people in at the provider's address.
    pub(crate) fn serve(&mut self, deployment: &Deployment) -> Replica {
        let replica = deployment.serve_with(&[("ONBOARDING_MICROSOFT_URL", &self.issuer)]);
        self.begins(&format!("{}/sign-in/callback", replica.public));
        replica
    }
}

/// A browser: cookies by origin, and nothing else that it remembers.
struct Browser<'a> {
    http: &'a Client,
    cookies: BTreeMap<(String, String), String>,
}

impl<'a> Browser<'a> {
    fn new(http: &'a Client) -> Self {
        Self {
            http,
            cookies: BTreeMap::new(),
        }
    }

    async fn gets(&mut self, url: &Url) -> Response {
        self.sends(url, self.http.get(url.clone())).await
    }

    async fn posts(&mut self, url: &Url, form: &str) -> Response {
        let asked = self.http.post(url.clone());
        let asked = asked.header("Content-Type", "application/x-www-form-urlencoded");
        self.sends(url, asked.body(form.to_owned())).await
    }

    async fn sends(&mut self, url: &Url, asked: RequestBuilder) -> Response {
        let origin = url.origin().ascii_serialization();
        let own = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let cookies: Vec<_> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let asked = asked
            .header("Accept", "text/html")
            .header("Cookie", cookies.join("; "));
        let answer = asked.send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let place = (origin.clone(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&place);
            } else {
                self.cookies.insert(place, value.to_owned());
            }
        }
        answer
    }

    /// Leaves the service for the provider.
    async fn leaves(&mut self, replica: &Replica) -> Url {
        let begin = at(replica, "/sign-in/provider");
        let answer = self.gets(&begin).await;
        assert_eq!(answer.status().as_u16(), 303, "{}", answer.text().await.unwrap());
        next(&begin, &answer)
    }

    /// Fills the provider's forms in until it sends the browser back: who one is, and that one agrees; or that one does not.
    async fn is_at_the_provider(&mut self, begin: Url, login: Option<&str>) -> Url {
        let provider = begin.origin();
        let mut url = begin;
        while url.origin() == provider {
            let answer = self.gets(&url).await;
            if answer.status().is_redirection() {
                url = next(&url, &answer);
                continue;
            }
            let page = answer.text().await.unwrap();
            let Some(login) = login else {
                url = url.join(&format!("{}/abort", url.path())).unwrap();
                continue;
            };
            let target = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
            let target = url.join(target.split('"').next().unwrap()).unwrap();
            let form = if page.contains("value=\"login\"") {
                format!("prompt=login&login={}&password=any", login.replace('|', "%7C"))
            } else {
                "prompt=consent".to_owned()
            };
            let answer = self.posts(&target, &form).await;
            url = next(&target, &answer);
        }
        url
    }

    /// The whole way.
    async fn signs_in(&mut self, replica: &Replica, login: &str) -> Response {
        let begin = self.leaves(replica).await;
        let back = self.is_at_the_provider(begin, Some(login)).await;
        self.gets(&back).await
    }

    fn session(&self, replica: &Replica) -> Option<&String> {
        let place = (replica.public.clone(), "onboarding-session".to_owned());
        self.cookies.get(&place)
    }

    async fn who(&mut self, replica: &Replica) -> Value {
        let me = self.gets(&at(replica, "/api/v1/me")).await;
        me.json().await.unwrap()
    }
}

fn at(replica: &Replica, path: &str) -> Url {
    Url::parse(&replica.public).unwrap().join(path).unwrap()
}

fn next(from: &Url, answer: &Response) -> Url {
    let status = answer.status();
    let to = answer
        .headers()
        .get("location")
        .unwrap_or_else(|| panic!("{from} answers {status}"));
    from.join(to.to_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_through_a_real_provider_whatever_it_signs_with() {
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let mut provider = Provider::start(algorithm);
        let deployment = provider.deployment();
        let replica = provider.serve(&deployment);
        let mut browser = Browser::new(&deployment.http);
        let page = browser
            .gets(&at(&replica, "/sign-in"))
            .await
            .text()
            .await
            .unwrap();
        assert!(page.contains("href=\"/sign-in/provider\""), "{page}");
        assert!(
            !page.contains("name=\"password\""),
            "there are no passwords: {page}"
        );
        let answer = browser.signs_in(&replica, SUBJECT).await;
        assert_eq!(answer.status().as_u16(), 303, "{algorithm}");
        assert_eq!(answer.headers()["location"], "/app/profile");
        assert_eq!(
            browser.who(&replica).await["user"]["username"],
            "dom",
            "{algorithm}"
        );
        let profile = browser.gets(&at(&replica, "/app/profile")).await;
        assert!(profile.text().await.unwrap().contains("Dom AM"));

        // Michael's address is in everybody's claims, and nobody is Michael for it.
        let mut stranger = Browser::new(&deployment.http);
        let answer = stranger.signs_in(&replica, "michael@acme.example").await;
        assert_eq!(answer.status().as_u16(), 403);
        let words = answer.text().await.unwrap();
        assert!(
            words.contains("Your company account is not known here"),
            "{words}"
        );
        assert_eq!(stranger.session(&replica), None);
        assert_eq!(replica.running.stop(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_says_that_was_not_asked_for_lets_nobody_in() {
    let mut provider = Provider::start("ES256");
    let deployment = provider.deployment();
    let replica = provider.serve(&deployment);
    let claim = |name: &str, value: Value| json!({ "claims": { name: value } });
    let hostile = [
        (
            claim("iss", "https://login.example.com".into()),
            "the issuer is another",
        ),
        (claim("aud", "another-client".into()), "the audience is another"),
        (
            claim("aud", json!(["acme-client", "another-client"])),
            "the audience is another",
        ),
        (claim("nonce", "another".into()), "the nonce is another"),
        (claim("nonce", Value::Null), "the nonce is missing"),
        (json!({ "times": { "exp": -61 } }), "it has expired"),
        (json!({ "times": { "iat": 120 } }), "it is not valid yet"),
        (claim("sub", Value::Null), "the token names nobody"),
        (json!({ "key": "stranger" }), "the signature is wrong"),
        (
            json!({ "key": "stranger", "header": { "kid": "mine" } }),
            "the key is none of the provider's",
        ),
        (
            json!({ "key": "none", "header": { "alg": "none" } }),
            "the algorithm of the signature is not allowed",
        ),
        (
            json!({ "key": "secret", "header": { "alg": "HS256" } }),
            "the algorithm of the signature is not allowed",
        ),
    ];
    for (order, reason) in hostile {
        provider.is_told(&order);
        let mut browser = Browser::new(&deployment.http);
        let answer = browser.signs_in(&replica, SUBJECT).await;
        assert_eq!(answer.status().as_u16(), 403, "{order}");
        assert_eq!(browser.session(&replica), None, "{order}");
        replica.running.log_with(reason);
    }
    provider.is_told(&json!({}));

    // The same browser with an answer that says it is another provider's, twice the same, and with no sign-in of its own.
    let mut browser = Browser::new(&deployment.http);
    let begin = browser.leaves(&replica).await;
    let back = browser.is_at_the_provider(begin, Some(SUBJECT)).await;
    let pairs = |back: &Url| -> Vec<(String, String)> { back.query_pairs().into_owned().collect() };
    assert!(
        pairs(&back).contains(&("iss".to_owned(), provider.issuer.clone())),
        "{back}"
    );
    let mut mixed_up = back.clone();
    let others = pairs(&back).into_iter().filter(|(name, _)| name != "iss");
    mixed_up
        .query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair("iss", "https://login.example.com");
    let mut other = Browser::new(&deployment.http);
    assert_eq!(other.gets(&back).await.status().as_u16(), 403);
    assert_eq!(browser.gets(&mixed_up).await.status().as_u16(), 403);
    replica.running.log_with("the answer is another provider's");
    assert_eq!(browser.gets(&back).await.status().as_u16(), 403, "it is over");
    assert_eq!((browser.session(&replica), other.session(&replica)), (None, None));

    // Somebody who thinks better of it.
    let begin = other.leaves(&replica).await;
    let back = other.is_at_the_provider(begin, None).await;
    let answer = other.gets(&back).await;
    assert_eq!(answer.status().as_u16(), 403);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("Your company account was not let in")
    );

    // Nothing of that spoiled anything.
    let answer = browser.signs_in(&replica, SUBJECT).await;
    assert_eq!(
        (answer.status().as_u16(), browser.session(&replica).is_some()),
        (303, true)
    );
    assert_eq!(replica.running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_of_teams_calls_with_a_token_of_the_companys_directory_and_no_other() {
    let mut provider = Provider::start("ES256");
    let deployment = provider.deployment();
    let replica = provider.serve(&deployment);
    let claims = json!({
        "iss": format!("{}/{TENANT}/v2.0", provider.issuer), "aud": AUDIENCE, "tid": TENANT, "oid": OBJECT,
        "sub": "pairwise", "ver": "2.0", "scp": "access_as_user",
    });
    let in_time = json!({ "iat": 0, "nbf": 0, "exp": 3600 });
    let honest = provider.token(&claims, json!({ "times": in_time }));
    let calls = async |path: &str, token: &str| {
        let asked = deployment.http.get(at(&replica, path)).bearer_auth(token);
        asked.send().await.unwrap()
    };
    let me: Value = calls("/api/v1/me", &honest).await.json().await.unwrap();
    assert_eq!(me["user"]["username"], "dom", "{me}");
    let page = calls("/teams/profile", &honest).await;
    assert_eq!(
        (page.status().as_u16(), page.headers().get("set-cookie")),
        (200, None)
    );

    let other = "00000000-86f1-41af-91ab-2d7cd011db47";
    let with = |name: &str, value: Value| json!({ "times": in_time, "claims": { name: value } });
    let refused = [
        with("tid", other.into()),
        with("iss", format!("{}/{other}/v2.0", provider.issuer).into()),
        with("aud", "00000003-0000-0000-c000-000000000000".into()),
        with("scp", "User.Read".into()),
        json!({ "times": { "iat": -7200, "nbf": -7200, "exp": -61 } }),
        json!({ "times": in_time, "key": "none", "header": { "alg": "none" } }),
        json!({ "times": in_time, "key": "stranger" }),
    ];
    for twist in refused {
        let token = provider.token(&claims, twist.clone());
        assert_eq!(
            calls("/api/v1/me", &token).await.status().as_u16(),
            401,
            "{twist}"
        );
    }

    // A session is worth nothing inside Teams.
    provider.is_told(&json!({}));
    let mut browser = Browser::new(&deployment.http);
    browser.signs_in(&replica, SUBJECT).await;
    assert_eq!(
        browser
            .gets(&at(&replica, "/app/profile"))
            .await
            .status()
            .as_u16(),
        200
    );
    let tab = browser.gets(&at(&replica, "/teams/profile")).await;
    let tab = tab.text().await.unwrap();
    assert!(!tab.contains("Dom AM"), "it is the page for anybody: {tab}");
    assert_eq!(replica.running.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_whether_the_provider_answers_and_is_who_it_says() {
    let mut provider = Provider::start("RS256");
    let deployment = provider.deployment();
    provider.begins("http://127.0.0.1:9/sign-in/callback");
    let issuer = provider.issuer.clone();
    let checks = || {
        let mut command = deployment.command(&["check"]);
        let output = command.env("ONBOARDING_MICROSOFT_URL", &issuer).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = checks();
    for line in [
        format!("ok    acme sign-in through {issuer}: answers"),
        format!("ok    acme sign-in through {issuer}/{TENANT}/v2.0: answers"),
    ] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
    provider.is_told(&json!({ "discovery": { "issuer": "https://login.example.com" } }));
    let said = checks();
    assert!(
        said.contains(&format!(
            "note  acme sign-in through {issuer}: the provider cannot be relied on: the discovery document is another issuer's"
        )),
        "{said}"
    );
    std::fs::remove_file(deployment.folder.path().join("oidc_secret")).unwrap();
    drop(provider);
    let said = checks();
    for line in [
        format!(
            "note  acme sign-in through {issuer}: the provider cannot be relied on: its discovery document: it does not answer"
        ),
        "note  acme sign-in: company acme: sign_in.provider.client_secret: the file".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
}
