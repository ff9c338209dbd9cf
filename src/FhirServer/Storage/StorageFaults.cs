namespace FhirEmr.FhirServer.Storage;

/// <summary>The disk or quota is full: nothing was written, reads go on, and writing works again when there is room (HTTP 507).</summary>
internal sealed class StorageFullException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The database reported an I/O error or damage while writing. Whether the last writes reached the disk is unknown, so the store takes no
/// more of them: the process must restart and let the engine recover from its log (an fsync that failed is never repeated).
/// </summary>
internal sealed class StorageFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A statement ran longer than <see cref="StorageOptions.StatementTimeoutSeconds"/> and was stopped (HTTP 503, issue code timeout).</summary>
internal sealed class StorageTimeoutException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The store refuses to start: the engine, its settings or the folder cannot keep what we promise.</summary>
internal sealed class StorageRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database does not answer, or a commit's outcome could not be learnt: nothing is lost by trying again later (HTTP 503).</summary>
internal sealed class StorageUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
