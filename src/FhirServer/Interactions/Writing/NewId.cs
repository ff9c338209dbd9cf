namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Ids for resources the server names. Version 7: random enough to be unique anywhere, ascending so that indexes grow at one end.</summary>
internal static class NewId
{
    public static string Next() => Guid.CreateVersion7().ToString();
}
