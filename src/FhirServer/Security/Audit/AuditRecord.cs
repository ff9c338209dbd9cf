namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>One thing that somebody did or tried, before it is rendered as an AuditEvent (IHE BALP, security.md S-50).</summary>
/// <remarks>References, codes and the query; never content of a record, a person's name or a token. When it happened is in the row's key.</remarks>
internal sealed record AuditRecord
{
    /// <summary>AuditEvent.type: <c>rest</c>, or a DICOM code such as 110114 (user authentication).</summary>
    public required string Type { get; init; }

    /// <summary>AuditEvent.subtype: the RESTful interaction, <c>$operation</c>, or what kind of security event.</summary>
    public required string Subtype { get; init; }

    /// <summary>C, R, U, D or E (valueset-audit-event-action).</summary>
    public required char Action { get; init; }

    /// <summary>0 success, 4 minor failure, 8 serious failure (valueset-audit-event-outcome).</summary>
    public int Outcome { get; init; }

    /// <summary>Class of the reason of a failure: <c>not-found</c>, <c>forbidden</c>, ...; or what is worth saying of a success.</summary>
    public string? Reason { get; init; }

    public int? Status { get; init; }

    public AuditAgent Agent { get; init; } = AuditAgent.System;

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Position in the Bundle.</summary>
    public int? Entry { get; init; }

    /// <summary>What it was done to, as <c>Type/id</c> or <c>Type</c>.</summary>
    public string? Entity { get; init; }

    public int? Version { get; init; }

    /// <summary>Ids of the patients whose data it was.</summary>
    public IReadOnlyList<string> Patients { get; init; } = [];

    /// <summary>How many patients more there were than are listed.</summary>
    public int MorePatients { get; init; }

    /// <summary>How many resources were answered.</summary>
    public int? Results { get; init; }

    public string? Query { get; init; }

    /// <summary>Purpose of use (v3-ActReason), such as BTG; null for none stated.</summary>
    public string? Purpose { get; init; }

    /// <summary>A sentence about a security event or a command; of fixed words and ids.</summary>
    public string? Text { get; init; }
}

/// <summary>Who did it: the user where there is one, and the program they used.</summary>
internal sealed record AuditAgent
{
    public static AuditAgent System { get; } = new() { Name = "FhirEmr" };

    /// <summary>Name of the caller where nobody signed in: the server itself, <c>anonymous</c>, the user of a command.</summary>
    public string? Name { get; init; }

    /// <summary>Key of the user in the accounts.</summary>
    public string? UserId { get; init; }

    /// <summary><c>Practitioner/1</c> and the like.</summary>
    public string? FhirUser { get; init; }

    public string? ClientId { get; init; }

    /// <summary>Hash of the token's id.</summary>
    public string? TokenId { get; init; }

    public IReadOnlyList<string> Roles { get; init; } = [];
}
