//! Who does something and from where: what pipelines say in their usual variables, or else the user of this machine and
//! the commit of its checkout.
//!
//! Promises: pure. No user's name and password stay in an address.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Who did something, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct By {
    /// The person or account behind it: as the pipeline names it, or else user and host.
    pub actor: String,
    /// The commit that was checked out. Whether everything was committed is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The pipeline's system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// The address of the run of the pipeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
}

/// A system of pipelines, and its variables. Of several names the first that has a value counts; parts of an address are
/// put together, and all of them are needed.
struct Ci {
    name: &'static str,
    /// It is this one where this variable has a value.
    mark: &'static str,
    actor: &'static [&'static str],
    commit: &'static [&'static str],
    /// Addresses: variables are in braces.
    pipeline: &'static [&'static str],
}

/// The variables are those of the systems' documentation.
const ALL: [Ci; 7] = [
    Ci {
        name: "GitHub Actions",
        mark: "GITHUB_ACTIONS",
        actor: &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
        commit: &["GITHUB_SHA"],
        pipeline: &["{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}"],
    },
    Ci {
        name: "GitLab CI",
        mark: "GITLAB_CI",
        actor: &["GITLAB_USER_LOGIN", "GITLAB_USER_NAME"],
        commit: &["CI_COMMIT_SHA"],
        pipeline: &["{CI_JOB_URL}", "{CI_PIPELINE_URL}"],
    },
    Ci {
        name: "Azure Pipelines",
        mark: "TF_BUILD",
        actor: &["BUILD_REQUESTEDFOR", "BUILD_QUEUEDBY"],
        commit: &["BUILD_SOURCEVERSION"],
        pipeline: &[
            "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
            "{SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
        ],
    },
    Ci {
        name: "Bitbucket Pipelines",
        mark: "BITBUCKET_BUILD_NUMBER",
        actor: &["BITBUCKET_STEP_TRIGGERER_UUID"],
        commit: &["BITBUCKET_COMMIT"],
        pipeline: &[
            "https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
        ],
    },
    Ci {
        name: "CircleCI",
        mark: "CIRCLECI",
        actor: &["CIRCLE_USERNAME"],
        commit: &["CIRCLE_SHA1"],
        pipeline: &["{CIRCLE_BUILD_URL}"],
    },
    Ci {
        name: "Buildkite",
        mark: "BUILDKITE",
        actor: &[
            "BUILDKITE_BUILD_CREATOR",
            "BUILDKITE_UNBLOCKER",
            "BUILDKITE_BUILD_AUTHOR",
        ],
        commit: &["BUILDKITE_COMMIT"],
        pipeline: &["{BUILDKITE_BUILD_URL}"],
    },
    Ci {
        name: "Jenkins",
        mark: "JENKINS_URL",
        actor: &["BUILD_USER_ID", "BUILD_USER", "CHANGE_AUTHOR"],
        commit: &["GIT_COMMIT"],
        pipeline: &["{BUILD_URL}"],
    },
];

impl By {
    /// From the variables of the process; `owner` is the user of this machine, `commit` what its checkout says.
    pub fn of(
        variable: &dyn Fn(&str) -> Option<String>,
        owner: String,
        commit: impl FnOnce() -> Option<String>,
    ) -> Self {
        let value = |name: &str| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        let first = |names: &[&str]| names.iter().find_map(|name| value(name));
        let Some(ci) = ALL.iter().find(|ci| value(ci.mark).is_some()) else {
            return Self {
                actor: owner,
                commit: commit(),
                ..Self::default()
            };
        };
        let pipeline = ci.pipeline.iter().find_map(|address| filled(address, &value));
        Self {
            actor: first(ci.actor).unwrap_or(owner),
            commit: first(ci.commit).or_else(commit),
            ci: Some(ci.name.to_owned()),
            pipeline: pipeline.and_then(|address| public(&address)),
        }
    }
}

/// An address with its variables; none where one of them has no value.
fn filled(address: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = address;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        text.push_str(before);
        text.push_str(&value(name)?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// An address without a user and a password; none for what is no address of the web.
fn public(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    if !["http", "https"].contains(&url.scheme()) {
        return None;
    }
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(variables: &[(&str, &str)]) -> By {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        };
        By::of(&variable, "ada@one".to_owned(), || Some("c0ffee".to_owned()))
    }

    #[test]
    fn without_a_pipeline_it_is_the_user_and_the_commit_of_the_checkout() {
        assert_eq!(
            by(&[]),
            By {
                actor: "ada@one".to_owned(),
                commit: Some("c0ffee".to_owned()),
                ci: None,
                pipeline: None,
            }
        );
    }

    #[test]
    fn each_pipeline_is_known_by_its_usual_variables() {
        type Case = (
            &'static str,
            &'static [(&'static str, &'static str)],
            &'static str,
        );
        let cases: [Case; 7] = [
            (
                "GitHub Actions",
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_ACTOR", "grace"),
                    ("GITHUB_SHA", "abc"),
                    ("GITHUB_SERVER_URL", "https://github.com"),
                    ("GITHUB_REPOSITORY", "acme/surveys"),
                    ("GITHUB_RUN_ID", "42"),
                ],
                "https://github.com/acme/surveys/actions/runs/42",
            ),
            (
                "GitLab CI",
                &[
                    ("GITLAB_CI", "true"),
                    ("GITLAB_USER_LOGIN", "grace"),
                    ("CI_COMMIT_SHA", "abc"),
                    ("CI_JOB_URL", "https://gitlab.example/acme/surveys/-/jobs/42"),
                ],
                "https://gitlab.example/acme/surveys/-/jobs/42",
            ),
            (
                "Azure Pipelines",
                &[
                    ("TF_BUILD", "True"),
                    ("BUILD_REQUESTEDFOR", "grace"),
                    ("BUILD_SOURCEVERSION", "abc"),
                    ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
                    ("SYSTEM_TEAMPROJECT", "My Surveys"),
                    ("BUILD_BUILDID", "42"),
                ],
                "https://dev.azure.com/acme/My%20Surveys/_build/results?buildId=42",
            ),
            (
                "Jenkins",
                &[
                    ("JENKINS_URL", "https://ci.example/"),
                    ("BUILD_USER_ID", "grace"),
                    ("GIT_COMMIT", "abc"),
                    ("BUILD_URL", "https://bot:hunter2@ci.example/job/surveys/42/"),
                ],
                "https://ci.example/job/surveys/42/",
            ),
            (
                "Bitbucket Pipelines",
                &[
                    ("BITBUCKET_BUILD_NUMBER", "42"),
                    ("BITBUCKET_STEP_TRIGGERER_UUID", "grace"),
                    ("BITBUCKET_COMMIT", "abc"),
                    ("BITBUCKET_REPO_FULL_NAME", "acme/surveys"),
                ],
                "https://bitbucket.org/acme/surveys/pipelines/results/42",
            ),
            (
                "CircleCI",
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_USERNAME", "grace"),
                    ("CIRCLE_SHA1", "abc"),
                    ("CIRCLE_BUILD_URL", "https://circleci.com/gh/acme/surveys/42"),
                ],
                "https://circleci.com/gh/acme/surveys/42",
            ),
            (
                "Buildkite",
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_BUILD_CREATOR", "grace"),
                    ("BUILDKITE_COMMIT", "abc"),
                    (
                        "BUILDKITE_BUILD_URL",
                        "https://buildkite.com/acme/surveys/builds/42",
                    ),
                ],
                "https://buildkite.com/acme/surveys/builds/42",
            ),
        ];
        for (name, variables, pipeline) in cases {
            let expected = By {
                actor: "grace".to_owned(),
                commit: Some("abc".to_owned()),
                ci: Some(name.to_owned()),
                pipeline: Some(pipeline.to_owned()),
            };
            assert_eq!(by(variables), expected, "{name}");
        }
    }

    #[test]
    fn what_a_pipeline_does_not_say_is_left_out_or_taken_from_the_machine() {
        let bare = by(&[("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", " ")]);
        assert_eq!(bare.actor, "ada@one");
        assert_eq!(bare.commit.as_deref(), Some("c0ffee"));
        assert_eq!(bare.pipeline, None);
        let odd = by(&[("JENKINS_URL", "x"), ("BUILD_URL", "javascript:alert(1)")]);
        assert_eq!(odd.pipeline, None);
    }
}
