namespace Hatchery.Boot.Net;

/// <summary>A boot service cannot start; the message is one sentence for the operator.</summary>
public sealed class BootServiceException(string message, Exception? inner = null) : Exception(message, inner);
