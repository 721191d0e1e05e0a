//! What every module stands on: sessions, keys, events, the security log, jobs, channels.

pub mod api_key;
pub mod api_key_scope;
pub mod audit_entry;
pub mod channel;
pub mod channel_warehouse;
pub mod event;
pub mod event_outbox;
pub mod file;
pub mod idempotency_key;
pub mod job;
pub mod job_error;
pub mod mail;
pub mod number_sequence;
pub mod one_time_token;
pub mod session;
pub mod setting;
pub mod shop_version;
pub mod sign_in_attempt;
pub mod tax_class;
pub mod warehouse;
