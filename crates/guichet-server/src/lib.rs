//! A service centre over HTTP: commands, cases, figures, what goes on now, and the dashboard
//! that shows it.
//!
//! One table of routes ([`routes`]) says who may ask what, with which parameters, and what is answered. The router, the checks
//! of access and the `OpenAPI` document are made from it, so none of them can tell another story than the others.

pub mod access;
mod answers;
mod api;
mod assets;
mod call;
mod guard;
mod listen;
mod live;
mod metrics;
pub mod openapi;
mod origin;
mod problem;
mod public;
mod refusals;
mod route;
mod scope;
mod server;
mod words;

pub use access::{Access, AccessError, Role, Secret, Token};
pub use guard::Limits;
pub use route::{Right, Route, routes};
pub use server::{ListenError, Server, Settings, Showing};
