using FhirEmr.FhirServer.Documents.Ccda.Import;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>What became of one resource of a document.</summary>
internal enum Taken
{
    Created,
    Updated,

    /// <summary>It is here already, as the document says.</summary>
    Unchanged,

    /// <summary>Somebody changed or deleted it here since it was imported, or a newer document said something else.</summary>
    Kept,
}

/// <summary>The account of one document: statements in = stored + skipped + rejected, each that is not stored with its reason.</summary>
internal sealed class ImportReport(string name)
{
    private readonly List<CdaStatement> statements = [];
    private readonly Dictionary<ResourceKey, (Taken Taken, string? Why)> fates = [];

    public bool IsDryRun { get; init; }

    public string? Patient { get; set; }

    public string? Document { get; set; }

    public string? Review { get; set; }

    public int Stored { get; private set; }

    public int Skipped { get; private set; }

    public int Rejected { get; private set; }

    public int In => statements.Count;

    public void Take(ResourceKey key, Taken taken, string? why = null) => fates[key] = (taken, why);

    public int Count(Taken taken) => fates.Values.Count(f => f.Taken == taken);

    /// <summary>Every statement is counted once, under what became of its resource.</summary>
    /// <param name="held">Why nothing at all is stored; null otherwise.</param>
    public void Balance(IEnumerable<CdaStatement> all, string? held = null)
    {
        foreach (var statement in all)
        {
            var told = statement;
            if (statement is { Fate: Fate.Mapped, Key: { } key })
            {
                var (taken, why) = held is not null ? (Taken.Kept, held) : fates.GetValueOrDefault(key, (Taken.Kept, "It was not taken."));
                if (taken is Taken.Unchanged or Taken.Kept)
                    told = statement with { Fate = Fate.Skipped, Reason = why ?? "It is here already." };
            }

            statements.Add(told);
            switch (told.Fate)
            {
                case Fate.Mapped:
                    Stored++;
                    break;
                case Fate.Skipped:
                    Skipped++;
                    break;
                default:
                    Rejected++;
                    break;
            }
        }
    }

    /// <summary>One <c>result</c> of the answer.</summary>
    public Parameters.ParameterComponent ToParameter()
    {
        var result = new Parameters.ParameterComponent { Name = "result" };
        void Part(string part, DataType value) => result.Part.Add(new() { Name = part, Value = value });
        Part("name", new FhirString(name));
        if (Patient is not null)
            Part("patient", new ResourceReference(Patient));
        if (Document is not null)
            Part("document", new ResourceReference(Document));
        if (Review is not null)
            Part("review", new ResourceReference(Review));
        Part("dryRun", new FhirBoolean(IsDryRun));
        Part("in", new Integer(In));
        Part("stored", new Integer(Stored));
        Part("skipped", new Integer(Skipped));
        Part("rejected", new Integer(Rejected));
        Part("created", new Integer(Count(Taken.Created)));
        Part("updated", new Integer(Count(Taken.Updated)));
        foreach (var statement in statements.Where(s => s.Fate != Fate.Mapped))
        {
            var detail = new Parameters.ParameterComponent { Name = "detail" };
            detail.Part.Add(new() { Name = "place", Value = new FhirString(statement.Place) });
            detail.Part.Add(new() { Name = "outcome", Value = new Code(statement.Fate == Fate.Skipped ? "skipped" : "rejected") });
            detail.Part.Add(new() { Name = "reason", Value = new FhirString(statement.Reason ?? "") });
            if (statement.Key is { } key)
                detail.Part.Add(new() { Name = "resource", Value = new ResourceReference(key.ToString()) });
            result.Part.Add(detail);
        }

        return result;
    }
}
