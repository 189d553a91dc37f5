//! Arguments that several commands have.

use super::candidates;
use crate::flow::Selection;
use crate::flow::project::SANDBOX;
use crate::model::VendorId;
use crate::plan::Guard;
use crate::text::suggest;
use camino::Utf8PathBuf;

/// Arguments of every command that works in an environment.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Common {
    /// Environment of infield.yaml to work in
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        default_value = SANDBOX,
        env = "INFIELD_ENV",
        hide_env_values = true,
        add = candidates::environments()
    )]
    pub(super) env: String,
}

/// Arguments of every command that reads manifests.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Paths {
    /// Folders or files with manifests [default: the current folder]
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<Utf8PathBuf>,
}

/// Arguments of every command that looks at surveys: places of manifests, and names.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PathsOrNames {
    /// Folders or files with manifests [default: the current folder], and names of surveys, patterns such as 'brand-*', or
    /// tag:WORD [default: all]
    #[arg(value_name = "PATHS_OR_NAMES", add = candidates::paths_or_surveys())]
    words: Vec<Utf8PathBuf>,
}

impl PathsOrNames {
    /// What is a path, and what is a name.
    pub(super) fn split(&self) -> (Paths, Vec<String>) {
        paths_and_names(&self.words)
    }
}

/// What is a path, and what is a name: names have neither dots nor a slash at an end, and what exists is a path.
pub(super) fn paths_and_names(words: &[Utf8PathBuf]) -> (Paths, Vec<String>) {
    let is_path = |word: &&Utf8PathBuf| {
        let text = word.as_str();
        word.exists() || text.contains(['.', '\\', '~']) || text.starts_with('/') || text.ends_with('/')
    };
    let (paths, names): (Vec<&Utf8PathBuf>, Vec<&Utf8PathBuf>) = words.iter().partition(is_path);
    let paths = paths.into_iter().cloned().collect();
    (
        Paths { paths },
        names.into_iter().map(ToString::to_string).collect(),
    )
}

/// A format and the file that it is written to, such as `json=plan.json`.
pub(super) fn parse_write<F: clap::ValueEnum>(text: &str, example: &str) -> Result<(F, Utf8PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(|| format!("it wants a format and a file, such as {example}"))?;
    let format = F::from_str(format, false).map_err(|_| {
        let all = F::value_variants().iter().filter_map(F::to_possible_value);
        let all: Vec<String> = all.map(|value| value.get_name().to_owned()).collect();
        format!("there is no format `{format}`; there are {}", all.join(", "))
    })?;
    Ok((format, file.into()))
}

/// Which resources a plan is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SelectionArgs {
    /// Only this survey or group: a name, a pattern such as 'brand-*', or tag:WORD (repeatable)
    #[arg(long = "target", value_name = "ADDR", add = candidates::surveys())]
    targets: Vec<String>,
    /// Not this one, named in the same ways (repeatable)
    #[arg(long = "exclude", value_name = "ADDR", add = candidates::surveys())]
    excludes: Vec<String>,
    /// Put these back in field, whoever paused them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', add = candidates::surveys())]
    resume: Vec<String>,
    /// Go on to this stage of a survey (repeatable)
    #[arg(long, value_name = "NAME=STAGE", value_delimiter = ',', add = candidates::stages())]
    advance: Vec<String>,
    /// Go on without manifests: all counts as removed
    #[arg(long)]
    allow_no_manifests: bool,
}

impl From<&SelectionArgs> for Selection {
    fn from(args: &SelectionArgs) -> Self {
        Self {
            targets: args.targets.clone(),
            excludes: args.excludes.clone(),
            resume: args.resume.clone(),
            advance: args.advance.clone(),
            allow_no_manifests: args.allow_no_manifests,
            approved_before: false,
        }
    }
}

/// What was given besides the command, quoted for a shell, so that a command that is suggested makes the same plan.
pub(super) fn given(paths: &Paths, common: &Common, selection: &SelectionArgs) -> Vec<String> {
    let mut words: Vec<String> = paths.paths.iter().map(|path| quoted(path.as_str())).collect();
    // The sandbox is where commands go unasked.
    if common.env != SANDBOX {
        words.extend(["--env".to_owned(), quoted(&common.env)]);
    }
    for (option, names) in [
        ("--target", &selection.targets),
        ("--exclude", &selection.excludes),
        ("--resume", &selection.resume),
        ("--advance", &selection.advance),
    ] {
        for name in names {
            words.extend([option.to_owned(), quoted(name)]);
        }
    }
    if selection.allow_no_manifests {
        words.push("--allow-no-manifests".to_owned());
    }
    words
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// One of a closed list of words.
pub(super) fn word<T>(
    noun: &str,
    text: &str,
    found: Option<T>,
    all: impl IntoIterator<Item = impl ToString>,
) -> Result<T, String> {
    found.ok_or_else(|| {
        let all: Vec<String> = all.into_iter().map(|word| word.to_string()).collect();
        let help = suggest::help(text.trim(), all.iter().map(String::as_str), || {
            format!("there are {}", all.join(", "))
        });
        format!("there is no {noun} `{text}`; {help}")
    })
}

/// A number within bounds, both of them allowed.
pub(super) fn within<T>(
    least: T,
    most: T,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Clone + Send + Sync + 'static,
{
    move |text| {
        let number = text.trim().parse::<T>().ok();
        let number = number.filter(|number| *number >= least && *number <= most);
        number.ok_or_else(|| format!("it takes a whole number from {least} to {most}"))
    }
}

pub(super) fn parse_vendor(text: &str) -> Result<VendorId, String> {
    let all = VendorId::all().iter().map(|vendor| vendor.key());
    word("vendor", text, VendorId::from_key(text), all)
}

pub(super) fn parse_guard(text: &str) -> Result<Guard, String> {
    word("guard", text, Guard::from_key(text.trim()), Guard::ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggested_command_repeats_what_was_given_and_survives_a_shell() {
        let paths = Paths {
            paths: vec!["surveys/".into(), "it's mine.yaml".into()],
        };
        let common = |env: &str| Common { env: env.to_owned() };
        let selection = SelectionArgs {
            targets: vec!["soda".to_owned()],
            ..SelectionArgs::default()
        };
        let all = given(&paths, &common("production"), &selection).join(" ");
        assert_eq!(
            all,
            r"surveys/ 'it'\''s mine.yaml' --env production --target soda"
        );
        let none = Paths { paths: Vec::new() };
        assert_eq!(
            given(&none, &common(SANDBOX), &SelectionArgs::default()),
            Vec::<String>::new()
        );
    }
}
