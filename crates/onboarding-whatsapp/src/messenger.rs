//! Sending.

use std::sync::Arc;

use async_trait::async_trait;
use onboarding_core::{
    CompanyId, NewOutbound, OfficialAccount, OutboundContent, ProviderMessageId, Recipient, SendRefusal,
    ports::{Messenger, SendError},
};
use whatsapp_graph::client::{self, AccessToken, Body, GraphClient, SendRequest};

use crate::{decoder::CALLBACK_PREFIX, error::send_error};

/// Where the access token of a company is. Asked before each call, so that a rotated token needs no restart.
pub trait AccessTokens: Send + Sync {
    /// The token; `None` while it cannot be read.
    fn access_token(&self, company: &CompanyId) -> Option<AccessToken>;

    /// The one before it, while it may still work: it helps out where WhatsApp refuses the present one.
    fn former_token(&self, _company: &CompanyId) -> Option<AccessToken> {
        None
    }
}

/// Sends through the Graph API.
pub struct GraphMessenger {
    graph: GraphClient,
    tokens: Arc<dyn AccessTokens>,
}

impl GraphMessenger {
    /// With this client and these tokens.
    pub fn new(graph: GraphClient, tokens: Arc<dyn AccessTokens>) -> Self {
        Self { graph, tokens }
    }
}

#[async_trait]
impl Messenger for GraphMessenger {
    async fn send(
        &self,
        company: &CompanyId,
        from: &OfficialAccount,
        message: &NewOutbound,
    ) -> Result<ProviderMessageId, SendError> {
        let token = self.tokens.access_token(company).ok_or_else(|| {
            let reason = "the access token of the company cannot be read".to_owned();
            SendError::AccountPaused(SendRefusal { code: 190, reason })
        })?;
        let request = request(message);
        if onboarding_core::broken!("send_twice") {
            let _ = self.graph.send(&token, &from.phone_number_id, &request).await;
        }
        onboarding_core::crash_point!("send.before_http");
        let mut sent = self.graph.send(&token, &from.phone_number_id, &request).await;
        // Refused before anything was done with the message, so it may be sent by the other token.
        if let (Err(error), Some(former)) = (&sent, self.tokens.former_token(company))
            && is_dead_token(error)
        {
            sent = self.graph.send(&former, &from.phone_number_id, &request).await;
        }
        let accepted = sent.map_err(send_error)?;
        onboarding_core::crash_point!("send.after_http");
        Ok(ProviderMessageId::new(accepted.message_id))
    }
}

/// Whether WhatsApp refused the token (Meta: error codes, 190).
fn is_dead_token(error: &client::SendError) -> bool {
    matches!(error, client::SendError::Refused { error, .. } if error.code == 190)
}

fn request(message: &NewOutbound) -> SendRequest {
    let recipient = match &message.recipient {
        Recipient::Phone(wa_id) => client::Recipient::Phone(wa_id.as_str().to_owned()),
        Recipient::Bsuid(bsuid) => client::Recipient::UserId(bsuid.as_str().to_owned()),
    };
    let body = match &message.content {
        OutboundContent::Text(body) => Body::Text {
            body: body.clone(),
            preview_url: false,
        },
        OutboundContent::Template {
            name,
            language,
            parameters,
            words: _,
            buttons,
        } => Body::Template {
            name: name.clone(),
            language: language.clone(),
            body_parameters: parameters.clone(),
            button_payloads: buttons.clone(),
        },
    };
    SendRequest {
        recipient,
        body,
        context_message_id: None,
        biz_opaque_callback_data: Some(format!("{CALLBACK_PREFIX}{}", message.id)),
    }
}
