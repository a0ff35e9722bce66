namespace Pbm;

/// <summary>The connection to the host ended; told apart from an output file that cannot be written.</summary>
internal sealed class HostLostException(string message, Exception? cause) : IOException(message, cause);
