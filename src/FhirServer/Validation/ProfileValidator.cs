using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation.Schemas;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Validation;

/// <summary>Our validator: the reader's findings, then one walk with R4's definition and every profile at once.</summary>
/// <param name="valueSets">Null where there is no terminology: bindings are then undecided.</param>
internal sealed class ProfileValidator(ICanonicalSource definitions, IValueSets? valueSets, TimeProvider clock) : IResourceValidator
{
    private volatile SchemaSet? schemas;

    /// <summary>Schemas of the definitions as they are now.</summary>
    public SchemaSet Schemas
    {
        get
        {
            var generation = definitions.Generation;
            var current = schemas;
            if (current is null || current.Generation != generation)
                schemas = current = new(definitions, generation);
            return current;
        }
    }

    public ValidationReport Validate(ValidationInput input, ValidationOptions options, CancellationToken ct)
    {
        var tree = FhirJsonReader.Read(input.Json, out var faults);
        var read = faults.Select(f => new ValidationIssue(Severity.Error, Messages.OfReader(f.Rule), null, f.Expression, f.Text, null, f.Line, f.Column)).ToList();
        if (tree is null)
            return new(read, []);
        return Validate(tree.Root, read, input, options, ct);
    }

    private ValidationReport Validate(FhirNode node, List<ValidationIssue> read, ValidationInput input, ValidationOptions options, CancellationToken ct)
    {
        var set = Schemas;
        var walk = new Walk(set, new Bindings(valueSets, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), options, node, clock, ct) { Targets = input.Targets };
        foreach (var issue in read)
            walk.Sink.Add(issue);

        var profiles = new List<(Schema, bool)>();
        foreach (var canonical in options.RequiredProfiles.GetValueOrDefault(node.Type.Name, []).Concat(input.Profiles))
            if (set.Find(canonical) is { } schema)
                profiles.Add((schema, true));
            else
                walk.ReportAt(Severity.Error, Messages.ProfileUnknown, $"The profile {Walk.Short(canonical)} is not known here.", null, canonical, node.Type.Name, node);
        if (set.OfType(node.Type) is null)
            walk.ReportAt(Severity.Information, Messages.DefinitionsMissing,
                "R4's definitions are not here ('fhir-emr definitions restore' fetches them): structure, types and enumerated codes were checked, constraints and bindings were not.", null, null, node.Type.Name, node);

        walk.Run(node, profiles);
        walk.Bundle?.Check(walk);
        var issues = walk.Sink.Issues;
        if (issues.Count >= options.MaxIssues)
            issues = [.. issues, new(Severity.Information, Messages.TooManyIssues, null, node.Type.Name, $"The validation ended at {options.MaxIssues} issues; there may be more.", null, 0, 0)];
        return new(issues, walk.Checked) { Outward = walk.Outward };
    }
}
