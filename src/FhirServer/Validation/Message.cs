namespace FhirEmr.FhirServer.Validation;

/// <summary>A kind of finding with a stable id: programs may rely on the id, never on the text.</summary>
/// <param name="Id">Stable; documented in docs/validation.md.</param>
/// <param name="IssueType">FHIR's own, coarser code (valueset-issue-type).</param>
internal sealed record Message(string Id, string IssueType, string Meaning)
{
    public override string ToString() => Id;
}

/// <summary>All kinds of findings, in the order in which they are documented.</summary>
internal static class Messages
{
    public static Message Malformed { get; } = new("malformed", "structure", "The input is not FHIR JSON or XML.");
    public static Message UnknownElement { get; } = new("unknown-element", "structure", "An element that the type does not have.");
    public static Message WrongType { get; } = new("wrong-type", "structure", "An element of another type than it may have.");
    public static Message BadLiteral { get; } = new("bad-literal", "value", "The text of a primitive is not what its type asks for.");
    public static Message MinCardinality { get; } = new("min-cardinality", "required", "An element is there less often than it must be.");
    public static Message MaxCardinality { get; } = new("max-cardinality", "structure", "An element is there more often than it may be.");
    public static Message FixedMismatch { get; } = new("fixed-mismatch", "value", "An element is not equal to the fixed value.");
    public static Message PatternMismatch { get; } = new("pattern-mismatch", "value", "An element has not all that the pattern has.");
    public static Message MinValue { get; } = new("min-value", "value", "A value is smaller than it may be.");
    public static Message MaxValue { get; } = new("max-value", "value", "A value is larger than it may be.");
    public static Message MaxLength { get; } = new("max-length", "too-long", "A text is longer than it may be.");
    public static Message SliceUnmatched { get; } = new("slice-unmatched", "structure", "An occurrence belongs to no slice, and the slicing is closed.");
    public static Message SliceMin { get; } = new("slice-min", "required", "A slice is there less often than it must be.");
    public static Message SliceMax { get; } = new("slice-max", "structure", "A slice is there more often than it may be.");
    public static Message SliceOrder { get; } = new("slice-order", "structure", "Slices are not in the order of the profile.");
    public static Message BindingRequired { get; } = new("binding-required", "code-invalid", "A code is not in the value set it must be from.");
    public static Message BindingExtensible { get; } = new("binding-extensible", "code-invalid", "A code is not in the value set it should be from.");
    public static Message BindingUndecided { get; } = new("binding-undecided", "not-supported", "Whether codes are in a value set cannot be told here.");
    public static Message DisplayWrong { get; } = new("display-wrong", "code-invalid", "A display is not the one of the code.");
    public static Message Invariant { get; } = new("invariant", "invariant", "A constraint does not hold; the id is invariant:<key>.");
    public static Message FhirPathUnsupported { get; } = new("fhirpath-unsupported", "not-supported", "A constraint cannot be evaluated.");
    public static Message ExtensionUnknown { get; } = new("extension-unknown", "extension", "An extension whose definition is not known here.");
    public static Message ExtensionContext { get; } = new("extension-context", "extension", "An extension stands where its definition does not allow it.");
    public static Message ExtensionModifier { get; } = new("extension-modifier", "extension", "An extension that modifies is used as one that does not, or the reverse.");
    public static Message ModifierNotUnderstood { get; } = new("modifier-not-understood", "extension", "A modifier extension that is not known: what it changes is not known either.");
    public static Message ProfileUnknown { get; } = new("profile-unknown", "not-found", "A profile that is not known here.");
    public static Message ProfileUnusable { get; } = new("profile-unusable", "not-supported", "A profile that cannot be checked against.");
    public static Message ProfileType { get; } = new("profile-type", "structure", "A profile on another type than the resource's.");
    public static Message ProfileMismatch { get; } = new("profile-mismatch", "structure", "An element fits none of the profiles it may have.");
    public static Message ReferenceLiteral { get; } = new("reference-literal", "value", "A reference that is no address of a resource.");
    public static Message ReferenceTypeConflict { get; } = new("reference-type-conflict", "value", "Reference.type says another type than the reference.");
    public static Message ReferenceTargetType { get; } = new("reference-target-type", "structure", "A reference to a type that may not stand there.");
    public static Message ReferenceTargetProfile { get; } = new("reference-target-profile", "structure", "A reference to a resource that fits none of the profiles asked for.");
    public static Message ReferenceUnresolved { get; } = new("reference-unresolved", "not-found", "The target of a reference is not there.");
    public static Message ReferenceAggregation { get; } = new("reference-aggregation", "structure", "A reference that is contained, bundled or external where it may not be.");
    public static Message ReferenceVersioning { get; } = new("reference-versioning", "structure", "A reference with a version where none may be, or without one.");
    public static Message ContainedId { get; } = new("contained-id", "required", "A contained resource has no id, or that of another.");
    public static Message BundleFullUrl { get; } = new("bundle-full-url", "value", "A fullUrl that is no absolute address, or not the one of its resource.");
    public static Message BundleDuplicate { get; } = new("bundle-duplicate", "duplicate", "Two entries have the same fullUrl and version.");
    public static Message BundleUnreachable { get; } = new("bundle-unreachable", "informational", "An entry of a document that nothing refers to.");
    public static Message BundleRequest { get; } = new("bundle-request", "value", "The request of an entry does not go with its resource.");
    public static Message QuestionnaireUnknown { get; } = new("questionnaire-unknown", "not-found", "The questionnaire that was answered is not known here.");
    public static Message QuestionnaireItem { get; } = new("questionnaire-item", "structure", "An item that the questionnaire does not have there.");
    public static Message QuestionnaireOrder { get; } = new("questionnaire-order", "structure", "Items are not in the order of the questionnaire.");
    public static Message QuestionnaireRequired { get; } = new("questionnaire-required", "required", "A question that must be answered is not.");
    public static Message QuestionnaireRepeats { get; } = new("questionnaire-repeats", "structure", "A question is answered several times, and may be once.");
    public static Message QuestionnaireAnswer { get; } = new("questionnaire-answer", "value", "An answer of another type or length, or not among the options.");
    public static Message QuestionnaireDisabled { get; } = new("questionnaire-disabled", "business-rule", "An item is answered that is not enabled.");
    public static Message DefinitionsMissing { get; } = new("definitions-missing", "informational", "R4's definitions are not here: what they say beyond the structure was not checked.");
    public static Message IdMismatch { get; } = new("id-mismatch", "business-rule", "The id is not the one of the address, or missing.");
    public static Message DeleteReferenced { get; } = new("delete-referenced", "business-rule", "Other resources refer to the one to be deleted.");
    public static Message TooManyIssues { get; } = new("too-many-issues", "informational", "There may be more: the validation was ended at the limit.");
    public static Message Valid { get; } = new("valid", "informational", "Nothing is wrong.");

    public static IReadOnlyList<Message> All { get; } =
    [
        Malformed, UnknownElement, WrongType, BadLiteral, MinCardinality, MaxCardinality, FixedMismatch, PatternMismatch, MinValue, MaxValue, MaxLength,
        SliceUnmatched, SliceMin, SliceMax, SliceOrder, BindingRequired, BindingExtensible, BindingUndecided, DisplayWrong, Invariant, FhirPathUnsupported,
        ExtensionUnknown, ExtensionContext, ExtensionModifier, ModifierNotUnderstood, ProfileUnknown, ProfileUnusable, ProfileType, ProfileMismatch,
        ReferenceLiteral, ReferenceTypeConflict, ReferenceTargetType, ReferenceTargetProfile, ReferenceUnresolved, ReferenceAggregation, ReferenceVersioning, ContainedId,
        BundleFullUrl, BundleDuplicate, BundleUnreachable, BundleRequest,
        QuestionnaireUnknown, QuestionnaireItem, QuestionnaireOrder, QuestionnaireRequired, QuestionnaireRepeats, QuestionnaireAnswer, QuestionnaireDisabled,
        DefinitionsMissing, IdMismatch, DeleteReferenced, TooManyIssues, Valid,
    ];

    /// <summary>The kind of what the reader of request bytes has found.</summary>
    public static Message OfReader(string rule) => All.FirstOrDefault(m => m.Id == rule) ?? Malformed;
}
