//! Dimensions: by what figures are set apart, and which cases they are asked of.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use guichet_core::id::{DepartmentId, PersonId, ProcedureId, WindowId};
use guichet_core::lang::Lang;
use guichet_core::reference::Directory;

use crate::fact::CaseFact;
use crate::report::words;
use crate::rows::StepFact;

guichet_core::codes! {
    /// By what figures are set apart.
    Dimension("dimension") {
        /// The department that decided, or answers; at member level the one that was asked.
        Department = "department",
        /// The window that took the case in.
        Window = "window",
        /// The form of that window.
        WindowForm = "window_form",
        /// The procedure (事项).
        Item = "item",
        /// The version of the procedure, with its id.
        ItemVersion = "item_version",
        /// The kind of the procedure.
        Kind = "kind",
        /// The way by which the application came.
        Channel = "channel",
        /// The agency that accompanies the case.
        Agency = "agency",
        /// The district that the application names.
        District = "district",
        /// The person who decided; at member level the one who answered.
        Handler = "handler",
    }
}

impl Dimension {
    /// What people call it.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Department, Lang::Zh) => "部门",
            (Self::Department, Lang::En) => "department",
            (Self::Window, Lang::Zh) => "窗口",
            (Self::Window, Lang::En) => "window",
            (Self::WindowForm, Lang::Zh) => "窗口类型",
            (Self::WindowForm, Lang::En) => "form of window",
            (Self::Item, Lang::Zh) => "事项",
            (Self::Item, Lang::En) => "item",
            (Self::ItemVersion, Lang::Zh) => "事项版本",
            (Self::ItemVersion, Lang::En) => "item version",
            (Self::Kind, Lang::Zh) => "办件类型",
            (Self::Kind, Lang::En) => "kind",
            (Self::Channel, Lang::Zh) => "渠道",
            (Self::Channel, Lang::En) => "channel",
            (Self::Agency, Lang::Zh) => "代办员",
            (Self::Agency, Lang::En) => "agent",
            (Self::District, Lang::Zh) => "区域",
            (Self::District, Lang::En) => "district",
            (Self::Handler, Lang::Zh) => "经办人",
            (Self::Handler, Lang::En) => "handler",
        }
    }

    /// What people call one of its values: the name of what it is the id of, or else the value as it is.
    ///
    /// ```
    /// use guichet_core::{lang::Lang, reference::Directory};
    /// use guichet_stats::Dimension;
    /// let directory = Directory::default();
    /// assert_eq!(Dimension::Kind.value_name("promised", &directory, Lang::Zh), "承诺件");
    /// assert_eq!(Dimension::Window.value_name("W9", &directory, Lang::Zh), "W9");
    /// ```
    #[must_use]
    pub fn value_name(self, value: &str, directory: &Directory, lang: Lang) -> String {
        let names = match self {
            Self::Department => {
                let id = DepartmentId::new(value).ok();
                id.and_then(|id| Some(&directory.departments.get(&id)?.name))
            }
            Self::Item => {
                let id = ProcedureId::new(value).ok();
                id.and_then(|id| Some(&directory.newest(&id)?.name))
            }
            Self::Window => {
                let id = WindowId::new(value).ok();
                id.and_then(|id| Some(&directory.windows.get(&id)?.name))
            }
            Self::WindowForm => {
                let form = value.parse();
                return form.map_or_else(|_| value.to_owned(), |form| words::form(form, lang).to_owned());
            }
            Self::Kind => {
                let kind = value.parse();
                return kind.map_or_else(|_| value.to_owned(), |kind| words::kind(kind, lang).to_owned());
            }
            Self::ItemVersion | Self::Channel | Self::Agency | Self::District | Self::Handler => None,
        };
        names.map_or_else(|| value.to_owned(), |names| words::name(names, lang).to_owned())
    }
}

/// The value of a dimension: none where a case has none.
pub type Value = Option<String>;

/// Of what something is counted: a case, and where it is not the whole case, whose part.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    case: &'a CaseFact,
    department: Option<&'a DepartmentId>,
    window: Option<&'a WindowId>,
    handler: Option<&'a PersonId>,
}

impl<'a> Subject<'a> {
    /// The whole case.
    #[must_use]
    pub const fn case(case: &'a CaseFact) -> Self {
        Self {
            case,
            department: Some(&case.department),
            window: case.intake_window.as_ref(),
            handler: case.handler.as_ref(),
        }
    }

    /// One member of a parallel group.
    #[must_use]
    pub const fn member(case: &'a CaseFact, member: &'a StepFact) -> Self {
        Self {
            case,
            department: Some(&member.department),
            window: case.intake_window.as_ref(),
            handler: member.handler.as_ref(),
        }
    }

    /// What happened at a window, to a department, by a person of it.
    #[must_use]
    pub const fn part(
        case: &'a CaseFact,
        department: &'a DepartmentId,
        window: Option<&'a WindowId>,
        handler: Option<&'a PersonId>,
    ) -> Self {
        Self {
            case,
            department: Some(department),
            window,
            handler,
        }
    }

    /// Its value in a dimension.
    #[must_use]
    pub fn value(&self, dimension: Dimension) -> Value {
        self.text(dimension).map(Cow::into_owned)
    }

    /// Puts its value in a dimension where another one was, into the same room if it fits.
    pub(crate) fn write(&self, dimension: Dimension, value: &mut Value) {
        match (value.as_mut(), self.text(dimension)) {
            (Some(before), Some(text)) => {
                before.clear();
                before.push_str(&text);
            }
            (_, text) => *value = text.map(Cow::into_owned),
        }
    }

    fn text(&self, dimension: Dimension) -> Option<Cow<'a, str>> {
        match dimension {
            Dimension::Department => self.department.map(|id| id.as_str().into()),
            Dimension::Window => self.window.map(|id| id.as_str().into()),
            Dimension::WindowForm => self.case.window_form.map(|form| form.as_str().into()),
            Dimension::Item => Some(self.case.procedure.as_str().into()),
            Dimension::ItemVersion => Some(format!("{} v{}", self.case.procedure, self.case.version).into()),
            Dimension::Kind => self.case.kind.map(|kind| kind.as_str().into()),
            Dimension::Channel => Some(self.case.channel.as_str().into()),
            Dimension::Agency => self.case.agent.as_ref().map(|id| id.as_str().into()),
            Dimension::District => self.case.district.as_deref().map(Into::into),
            Dimension::Handler => self.handler.map(|id| id.as_str().into()),
        }
    }
}

/// Which cases figures are asked of: in each dimension named, one of the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    wanted: BTreeMap<Dimension, BTreeSet<Value>>,
}

impl Scope {
    /// All cases.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Also takes cases with this value in a dimension; of a dimension that is not named every value is taken.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, value: Value) -> Self {
        self.wanted.entry(dimension).or_default().insert(value);
        self
    }

    /// Whether every case is taken.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Whether a subject is taken.
    #[must_use]
    pub fn takes(&self, subject: &Subject<'_>) -> bool {
        let mut wanted = self.wanted.iter();
        wanted.all(|(dimension, values)| values.contains(&subject.value(*dimension)))
    }

    /// What is asked for, dimension by dimension.
    pub fn wanted(&self) -> impl Iterator<Item = (Dimension, &BTreeSet<Value>)> {
        self.wanted.iter().map(|(dimension, values)| (*dimension, values))
    }
}
