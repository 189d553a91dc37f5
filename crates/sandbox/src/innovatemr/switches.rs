//! The switches of the InnovateMR emulator.

crate::switch::switches! {
    /// Failures come as HTTP 400, 404 or 409 instead of 200 with `apiStatus: failure`.
    HTTP_ERRORS: bool = false, "innovatemr_http_errors", "a public client looks at both";
    /// Groups show their estimated and their highest price.
    ECHO_MAX_CPI: bool = true, "innovatemr_echo_max_cpi",
        "a public client reads the highest; the vendor's sample of a group has neither";
    /// Only `Status` is honoured in status calls; `status` changes nothing.
    CAPITAL_STATUS_ONLY: bool = false, "innovatemr_capital_status_only",
        "a public client changed from `status` to `Status`";
    /// Only `status` is honoured in status calls; `Status` changes nothing.
    LOWER_STATUS_ONLY: bool = false, "innovatemr_lower_status_only", "the vendor's page of Update Group Status";
    /// A target can be changed before it was added.
    PUT_TARGET_UPSERTS: bool = true, "innovatemr_put_target_upserts",
        "a public client changes targets without knowing whether they are there";
    /// The list of jobs by status works.
    JOB_LIST: bool = true, "innovatemr_job_list", "the vendor's menu names it; path and answer are assumed";
    /// The details of a job carry its groups.
    JOB_GROUPS: bool = true, "innovatemr_job_groups", "assumed";
}
