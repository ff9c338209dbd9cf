using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>A level as the Parameters resource that <c>$em-level</c> answers (billing spec 4.2, Output).</summary>
/// <remarks>Every <c>fact</c> carries element, kind, confidence, the resource it stands on and why.</remarks>
public static class VisitLevelParameters
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    /// <param name="level">The level and its facts.</param>
    /// <param name="withheld">References of resources the reader may not see: their facts still count, and neither name them nor quote them.</param>
    public static Parameters Of(VisitLevel level, IReadOnlySet<string>? withheld = null)
    {
        var (facts, answer, hidden) = (level.Facts, new Parameters(), withheld ?? Nothing);
        answer.Add("encounter", new ResourceReference(facts.Encounter));
        answer.Add("date", new Date(DateOfService.Text(facts.Day)));
        if (level.Code is { } code)
            answer.Add("code", new Code(code));
        if (level.Basis is { } basis)
            answer.Add("basis", new Code(Word(basis)));
        if (level.CodeIfConfirmed is { } confirmed)
            answer.Add("codeIfConfirmed", new Code(confirmed));

        Add(answer, "setting", [Text("code", VisitSettings.CodeOf(facts.Setting)), Text("codedAs", VisitSettings.CodeOf(level.CodedAs)), .. Shown(facts.SettingSupport, hidden)]);
        Add(answer, "patient", [Text("code", facts.IsNewPatient ? "new" : "established"), .. Shown(facts.PatientSupport, hidden)]);
        Add(answer, "mdm", [Text("level", Word(level.Mdm)), Text("levelIfConfirmed", Word(level.MdmIfConfirmed)), .. Optional("code", level.CodeByMdm)]);
        if (level.Time is { } time)
            Add(answer, "time", [new() { Name = "minutes", Value = new Integer(time.Minutes) }, .. Optional("code", level.CodeByTime), .. Shown(time.Support, hidden)]);
        AddElement(answer, "problems", level.Problems, RiskWord);
        AddElement(answer, "data", level.Data, DataWord);
        AddElement(answer, "risk", level.Risk, RiskWord);

        foreach (var fact in facts.Problems)
            Fact(answer, "problems", ProblemKinds.CodeOf(fact.IfConfirmed!.Value), fact.Kind == fact.IfConfirmed ? Confidence.Documented : Confidence.Inferred, Shown(fact.Support, hidden),
                fact.Suggested is not null && fact.Kind is { } kind ? [Text("countedAs", ProblemKinds.CodeOf(kind))] : []);
        foreach (var fact in facts.Data)
            Fact(answer, "data", Word(fact.Kind), fact.Confidence, Shown(fact.Support, hidden), []);
        foreach (var fact in facts.Risks)
            Fact(answer, "risk", RiskKinds.CodeOf(fact.Kind), fact.Confidence, Shown(fact.Support, hidden), []);
        foreach (var fact in facts.Times)
            Fact(answer, "time", "total-time", fact.Confidence, Shown(fact.Support, hidden), []);

        foreach (var addOn in level.AddOns)
            Add(answer, "addOn", [Text("code", addOn.Code), new() { Name = "units", Value = new PositiveInt(addOn.Units) }, .. Shown(addOn.Support, hidden)]);
        foreach (var support in facts.NotCounted)
            Add(answer, "notCounted", [.. Shown(support, hidden)]);
        foreach (var support in facts.Questions)
            Add(answer, "question", [.. Shown(support, hidden)]);
        foreach (var sentence in level.Missing)
            answer.Add("missing", new FhirString(sentence));
        return answer;
    }

    /// <summary>Every resource the answer would name.</summary>
    public static IEnumerable<string> References(VisitLevel level)
    {
        var facts = level.Facts;
        return new[] { facts.SettingSupport, facts.PatientSupport }
            .Concat(facts.Problems.Select(f => f.Support)).Concat(facts.Data.Select(f => f.Support)).Concat(facts.Risks.Select(f => f.Support)).Concat(facts.Times.Select(f => f.Support))
            .Concat(level.AddOns.Select(a => a.Support)).Concat(facts.NotCounted).Concat(facts.Questions)
            .Select(s => s.Reference).Distinct();
    }

    private static void AddElement(Parameters answer, string name, ElementLevel element, Func<MdmLevel, string> word) =>
        Add(answer, name, [Text("level", word(element.Level)), Text("levelIfConfirmed", word(element.IfConfirmed)), new() { Name = "why", Value = new FhirString(element.Why) }]);

    private static void Fact(Parameters answer, string element, string kind, Confidence confidence, IEnumerable<Parameters.ParameterComponent> support, IEnumerable<Parameters.ParameterComponent> more) =>
        Add(answer, "fact", [Text("element", element), Text("kind", kind), Text("confidence", confidence == Confidence.Documented ? "documented" : "inferred"), .. more, .. support]);

    private static void Add(Parameters answer, string name, List<Parameters.ParameterComponent> parts) => answer.Parameter.Add(new() { Name = name, Part = parts });

    private static IEnumerable<Parameters.ParameterComponent> Shown(Support support, IReadOnlySet<string> withheld) => withheld.Contains(support.Reference)
        ? [new() { Name = "why", Value = new FhirString("Withheld: you may not read what this stands on.") }]
        : [new() { Name = "reference", Value = new ResourceReference(support.Reference) }, new() { Name = "why", Value = new FhirString(support.Why) }];

    private static IEnumerable<Parameters.ParameterComponent> Optional(string name, string? code) => code is null ? [] : [Text(name, code)];

    private static Parameters.ParameterComponent Text(string name, string code) => new() { Name = name, Value = new Code(code) };

    private static string Word(LevelBasis basis) => basis switch
    {
        LevelBasis.MedicalDecisionMaking => "mdm",
        LevelBasis.TotalTime => "time",
        _ => "service",
    };

    private static string Word(MdmLevel level) => level switch
    {
        MdmLevel.None => "none",
        MdmLevel.Straightforward => "straightforward",
        MdmLevel.Low => "low",
        MdmLevel.Moderate => "moderate",
        _ => "high",
    };

    private static string RiskWord(MdmLevel level) => level == MdmLevel.Straightforward ? "minimal" : Word(level);

    private static string DataWord(MdmLevel level) => level switch
    {
        MdmLevel.Straightforward => "minimal",
        MdmLevel.Low => "limited",
        MdmLevel.High => "extensive",
        _ => Word(level),
    };

    private static string Word(DataKind kind) => kind switch
    {
        DataKind.ExternalNote => "external-note",
        DataKind.TestResult => "test-result",
        DataKind.TestOrder => "test-order",
        DataKind.IndependentHistorian => "historian",
        DataKind.IndependentInterpretation => "interpretation",
        _ => "discussion",
    };
}
