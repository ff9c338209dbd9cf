namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>The import cannot be done, and trying again does not help: a sentence for whoever asked.</summary>
internal sealed class ImportFaultException(string message) : Exception(message)
{
    /// <summary>What this node lacks another one may have: a folder, or a file in it.</summary>
    public bool IsOfNode { get; init; }
}
