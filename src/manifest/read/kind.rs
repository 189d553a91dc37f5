//! The kinds of manifests.

/// The kinds of manifests this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A survey.
    Survey,
    /// A group of surveys.
    SurveyGroup,
    /// The project.
    Project,
    /// Outcomes of transactions.
    Reconciliation,
    /// What the surveys of a folder have in common.
    Defaults,
    /// A test of manifests, which fields nothing.
    Test,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Survey,
        Self::SurveyGroup,
        Self::Project,
        Self::Reconciliation,
        Self::Defaults,
        Self::Test,
    ];

    /// The word after `kind:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Survey => "Survey",
            Self::SurveyGroup => "SurveyGroup",
            Self::Project => "Project",
            Self::Reconciliation => "Reconciliation",
            Self::Defaults => "Defaults",
            Self::Test => "Test",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What a document of this kind says with its `kind`.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Self::Survey => "Says that this document is a survey.",
            Self::SurveyGroup => "Says that this document is a group of surveys.",
            Self::Project => "Says that this document describes the project.",
            Self::Reconciliation => "Says that this document lists outcomes of transactions.",
            Self::Defaults => "Says that this document holds defaults.",
            Self::Test => "Says that this document is a test of manifests.",
        }
    }
}
