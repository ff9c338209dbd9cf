namespace FhirEmr.FhirServer.Security.Access;

/// <summary>What can be done to resources of a type, as permissions name it (security.md S-25).</summary>
[Flags]
internal enum Interaction
{
    None = 0,
    Create = 1,
    Read = 2,
    Vread = 4,
    Update = 8,
    Patch = 16,
    Delete = 32,
    History = 64,
    Search = 128,
    Export = 256,
    Import = 512,

    /// <summary>Everything that shows a resource and changes none.</summary>
    Reading = Read | Vread | History | Search,
    Writing = Create | Update | Patch | Delete,
    All = Reading | Writing | Export | Import,
}
