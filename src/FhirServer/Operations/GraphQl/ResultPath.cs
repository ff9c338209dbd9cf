namespace FhirEmr.FhirServer.Operations.GraphQl;

/// <summary>Way from the root of the answer to a field, for errors.</summary>
internal sealed record ResultPath(ResultPath? Above, object Step)
{
    public IReadOnlyList<object> Steps
    {
        get
        {
            var steps = new List<object>();
            for (var at = this; at is not null; at = at.Above)
                steps.Add(at.Step);
            steps.Reverse();
            return steps;
        }
    }
}
