namespace FhirEmr.FhirServer.Rest;

/// <summary>Why a request is refused. One table (<see cref="FhirFault.Status"/>) gives each its status and issue code.</summary>
internal enum FaultKind
{
    /// <summary>The request cannot be read: syntax, structure, unknown parameters.</summary>
    Invalid,

    /// <summary>Readable, but breaks a rule: missing reference targets, business rules.</summary>
    Unprocessable,

    /// <summary>Nobody signed in, or with credentials that do not count.</summary>
    Unauthorized,

    /// <summary>Signed in, and not allowed.</summary>
    Forbidden,
    NotFound,
    Deleted,
    NotSupported,
    MethodNotAllowed,
    NotAcceptable,
    UnsupportedMediaType,

    /// <summary>If-Match names another version than the current one, or a condition matches several resources.</summary>
    PreconditionFailed,

    /// <summary>Others keep writing first; the same request may succeed later.</summary>
    Conflict,
    TooLarge,

    /// <summary>A search that would cost more than it may.</summary>
    TooCostly,
    Expired,
    Unavailable,
    StorageFull,

    /// <summary>The request took longer than it may; what it was to change is unchanged unless its commit had begun.</summary>
    Timeout,

    /// <summary>This client asks more than its share.</summary>
    TooManyRequests,

    /// <summary>The server has more to do than it can.</summary>
    Overloaded,
    UriTooLong,
    HeadersTooLarge,
    RangeNotSatisfiable,

    /// <summary>Our own fault.</summary>
    Bug,
}
