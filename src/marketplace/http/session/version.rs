//! Vendors that keep a few resources under another version of their API.

use super::{Always, Sending, Session};
use crate::marketplace::http::error::VendorError;
use crate::model::{Call, CallClass, Method};

impl Session {
    /// Reads a path of another version of the API, whose base URL differs from ours in its last segment only.
    ///
    /// # Errors
    /// As [`Session::get`]; also when the base URL does not end as a versioned one does.
    pub async fn get_of_version(
        &self,
        ours: &str,
        other: &str,
        path: &str,
    ) -> Result<serde_json::Value, VendorError> {
        let Some(stem) = self.base_url.strip_suffix(ours) else {
            let problem =
                format!("the base URL does not end in `{ours}`, so `{other}` cannot be found beside it");
            return Err(VendorError::Unreachable(self.vendor.name(), problem));
        };
        let call = Call::new(Method::Get, path, CallClass::Read, "");
        let sending = Sending {
            permit: &Always,
            on_retry: &|_, _| {},
        };
        self.send_below(&format!("{stem}{other}"), &call, sending).await
    }
}
