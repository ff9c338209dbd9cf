using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Schemas;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Codes against the value sets they are bound to (terminologies.html#strength).</summary>
/// <param name="valueSets">Null where nothing knows value sets: then no binding can be decided.</param>
internal sealed class Bindings(IValueSets? valueSets, DateOnly today)
{
    private readonly HashSet<string> undecided = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string?, string), MembershipAnswer> answers = [];

    public void Check(Walk walk, ElementRule rule, BindingRule binding, FhirNode node)
    {
        if (binding.Strength == BindingStrength.Required)
            Check(walk, rule, binding.ValueSet, isRequired: true, node);
        else if (binding.Strength == BindingStrength.Extensible)
            Check(walk, rule, binding.ValueSet, isRequired: false, node);
        if (binding.MaxValueSet is { } max && Codes(node).Count > 0)
            Check(walk, rule, max, isRequired: true, node);
    }

    /// <summary>Null when it cannot be decided.</summary>
    public bool? IsMember(FhirNode node, string valueSet)
    {
        bool? isMember = false;
        foreach (var (system, code, _) in Codes(node))
            switch (Ask(valueSet, system, code).Membership)
            {
                case Membership.In:
                    return true;
                case Membership.Unknown:
                    isMember = null;
                    break;
            }

        return isMember;
    }

    private void Check(Walk walk, ElementRule rule, string valueSet, bool isRequired, FhirNode node)
    {
        var codes = Codes(node);
        if (codes.Count == 0)
        {
            if (isRequired && node.Type.Name is ("CodeableConcept" or "Coding"))
                walk.Report(Severity.Error, Messages.BindingRequired, $"{rule.Name} needs a code from {valueSet}.", rule, valueSet);
            return;
        }

        var (isUnknown, takesSystem) = (false, false);
        string? why = null;
        foreach (var (system, code, display) in codes)
        {
            var answer = IsFormat(valueSet, code) ? new(Membership.In, null, null, null, true) : Ask(valueSet, system, code);
            if (answer.Membership == Membership.In)
            {
                if (display is not null && answer.Display is { } known && !SameWords(display, known))
                    walk.Report(Severity.Warning, Messages.DisplayWrong, $"The display of {Walk.Short(code)} is '{Walk.Short(known)}', not '{Walk.Short(display)}'.", rule, valueSet);
                return;
            }

            isUnknown |= answer.Membership == Membership.Unknown;
            takesSystem |= answer.TakesSystem;
            why ??= answer.Why;
        }

        if (isUnknown)
        {
            if (!walk.Sink.IsTrial && undecided.Add(valueSet))
                walk.Report(Severity.Warning, Messages.BindingUndecided, $"Whether codes are in {valueSet} cannot be told here. {why}".TrimEnd(), rule, valueSet);
            return;
        }

        var shown = string.Join(", ", codes.Select(c => $"'{Walk.Short(c.System is null ? c.Code : $"{c.System}|{c.Code}")}'"));
        if (isRequired)
            walk.Report(Severity.Error, Messages.BindingRequired, $"{shown} is not in {valueSet}, from which {rule.Name} must be.", rule, valueSet);
        else
            walk.Report(takesSystem ? Severity.Warning : Severity.Information, Messages.BindingExtensible, $"{shown} is not in {valueSet}, from which {rule.Name} should be where that has a fitting code.", rule, valueSet);
    }

    /// <summary>R4 writes its own formats short where it asks for MIME types (CapabilityStatement.format, http.html#mime-type).</summary>
    private static bool IsFormat(string valueSet, string code) =>
        code is "json" or "xml" or "ttl" && valueSet.StartsWith("http://hl7.org/fhir/ValueSet/mimetypes", StringComparison.Ordinal);

    private MembershipAnswer Ask(string valueSet, string? system, string code)
    {
        if (answers.TryGetValue((valueSet, system, code), out var known))
            return known;
        return answers[(valueSet, system, code)] = valueSets?.Check(valueSet, system, code, null, today) ?? new(Membership.Unknown, null, null, null, false);
    }

    private static List<(string? System, string Code, string? Display)> Codes(FhirNode node)
    {
        var codes = new List<(string?, string, string?)>();
        if (node.Type.IsPrimitive)
        {
            if (node.Kind == NodeKind.Text)
                codes.Add((null, node.Text, null));
        }
        else if (node.Type.Name == "CodeableConcept")
        {
            foreach (var child in node.Children)
                if (child.HasValue && child.Type.Name == "Coding" && child.TextOf("code") is { } code)
                    codes.Add((child.TextOf("system"), code, child.TextOf("display")));
        }
        else if (node.TextOf("code") is { } code)
        {
            codes.Add((node.TextOf("system"), code, node.Type.Name == "Coding" ? node.TextOf("display") : null));
        }

        return codes;
    }

    private static bool SameWords(string x, string y) => string.Join(' ', x.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Equals(string.Join(' ', y.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.OrdinalIgnoreCase);
}
