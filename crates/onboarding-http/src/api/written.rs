//! Values of the domain that JSON writes as texts: each is read by the domain's own parser, so that its words of
//! refusal are the same everywhere.

use std::{borrow::Cow, fmt, marker::PhantomData};

use onboarding_core::{self as core, Timestamp};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

/// A type that is written as a text: how it is shown, how it is read, and what OpenAPI says of it.
macro_rules! written {
    ($($(#[doc = $doc:literal])+ $name:ident($of:ty) shown by $show:expr, read by $read:expr, like $schema:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $of);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let show: fn(&$of) -> String = $show;
                serializer.serialize_str(&show(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<str>::deserialize(deserializer)?;
                let read: fn(&str) -> Result<$of, String> = $read;
                read(&text).map(Self).map_err(D::Error::custom)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let like: fn(ObjectBuilder) -> ObjectBuilder = $schema;
                let text = ObjectBuilder::new().schema_type(Type::String);
                like(text.description(Some(concat!($($doc),+).trim()))).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+};
}

/// Names of a set that the domain closes.
macro_rules! chosen {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {
        written! {$(
            $(#[doc = $doc])+
            $name(core::$name) shown by |one| one.as_str().to_owned(),
                read by |name| core::$name::from_name(name).ok_or_else(|| {
                    let known: Vec<_> = core::$name::ALL.iter().map(|one| one.as_str()).collect();
                    format!("no such value; known are {}", known.join(", "))
                }),
                like |text| text.enum_values(Some(core::$name::ALL.iter().map(|one| one.as_str())));
        )+}
    };
}

const SLUG: &str = "^[a-z0-9][a-z0-9_-]{0,62}$";

fn slug(text: ObjectBuilder) -> ObjectBuilder {
    text.pattern(Some(SLUG))
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}

written! {
    /// A time: RFC 3339; we write UTC with microseconds and read any offset.
    Moment(Timestamp) shown by Timestamp::to_string,
        read by |text| Timestamp::parse_rfc3339(text)
            .ok_or_else(|| "no time; write RFC 3339 as 2026-11-22T11:13:21Z".to_owned()),
        like |text| text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    /// A phone number: E.164 with its `+`.
    Phone(core::PhoneNumber) shown by core::PhoneNumber::to_string,
        read by |text| core::PhoneNumber::parse(text).map_err(told),
        like |text| text.pattern(Some(r"^\+[1-9][0-9]{6,14}$"));
    /// Id of a unit.
    OrgUnitId(core::OrgUnitId) shown by core::OrgUnitId::to_string,
        read by |text| core::OrgUnitId::parse(text).map_err(told),
        like slug;
    /// Id of an external company.
    ExternalCompanyId(core::ExternalCompanyId) shown by core::ExternalCompanyId::to_string,
        read by |text| core::ExternalCompanyId::parse(text).map_err(told),
        like slug;
    /// Id of a pool.
    PoolId(core::PoolId) shown by core::PoolId::to_string,
        read by |text| core::PoolId::parse(text).map_err(told),
        like slug;
    /// A country: two letters (ISO 3166).
    CountryCode(core::CountryCode) shown by core::CountryCode::to_string,
        read by |text| core::CountryCode::parse(text).map_err(told),
        like |text| text.pattern(Some("^[A-Z]{2}$"));
    /// A language: a tag such as `en` or `zh-HK`.
    Language(core::Language) shown by core::Language::to_string,
        read by |text| core::Language::parse(text).map_err(told),
        like |text| text;
    /// `#` and 1 to 64 letters, digits, `.`, `_`, `-`, in one script.
    Extension(core::Extension) shown by core::Extension::to_string,
        read by |text| core::Extension::parse(text).map_err(told),
        like |text| text;
    /// The name of an OpenID Connect provider: its address, compared letter by letter.
    Issuer(core::Issuer) shown by core::Issuer::to_string,
        read by |text| core::Issuer::parse(text).map_err(told),
        like |text| text.max_length(Some(255)).pattern(Some("^https?://[^?#@]+$"));
    /// By what a provider names somebody for good: 1 to 255 ASCII characters.
    Subject(core::ExternalSubject) shown by core::ExternalSubject::to_string,
        read by |text| core::ExternalSubject::parse(text).map_err(told),
        like |text| text.min_length(Some(1)).max_length(Some(255));
    /// A directory of Microsoft Entra ID.
    TenantId(core::TenantId) shown by core::TenantId::to_string,
        read by |text| core::TenantId::parse(text).map_err(told),
        like |text| text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    /// Where a secret is: `env:NAME` or `file:PATH`, never the secret itself.
    SecretRef(core::SecretRef) shown by core::SecretRef::to_string,
        read by |text| core::SecretRef::parse(text).map_err(told),
        like |text| text;
    /// Up to 4096 characters with placeholders in braces.
    TextTemplate(core::TextTemplate) shown by |text| text.source().to_owned(),
        read by |text| core::TextTemplate::parse(text).map_err(told),
        like |text| text.min_length(Some(1)).max_length(Some(4096));
    /// The body of a template as Meta approved it, with `{{1}}` where the first parameter stands.
    ApprovedText(core::ApprovedText) shown by |text| text.source().to_owned(),
        read by |text| core::ApprovedText::parse(text).map_err(told),
        like |text| text.min_length(Some(1)).max_length(Some(1024));
    /// A text with `{extension}`.
    QrText(core::QrText) shown by |text| text.template().source().to_owned(),
        read by |text| core::QrText::parse(text).map_err(told),
        like |text| text.min_length(Some(1)).max_length(Some(4096));
}

chosen! {
    /// What a user may do.
    Role;
    /// By what a provider names people for good.
    SubjectClaim;
    /// Which of several fitting profiles is taken.
    ProfileChoice;
    /// What a client profile may have to hold.
    ProfileField;
    /// When a new room becomes active.
    RoomActivation;
    /// A quick-reply button of the invitation.
    InvitationButton;
    /// How a client is brought to the secondary number.
    InvitationKind;
    /// What an approved template is for.
    TemplatePurpose;
    /// Which text it is.
    TextKey;
}

/// An object whose keys are texts of the domain; one that stands there under two spellings is refused.
#[derive(Debug, Clone)]
pub(crate) struct Map<K, V>(pub(crate) Vec<(K, V)>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de, K: Deserialize<'de> + PartialEq, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de> + PartialEq, V: Deserialize<'de>> Visitor<'de> for Reader<K, V> {
            type Value = Map<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut all: Vec<(K, V)> = Vec::new();
                while let Some((key, value)) = entries.next_entry::<K, V>()? {
                    if all.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(
                            "a key stands here under two spellings of it; keep one",
                        ));
                    }
                    all.push((key, value));
                }
                Ok(Map(all))
            }
        }

        deserializer.deserialize_map(Reader(PhantomData))
    }
}
