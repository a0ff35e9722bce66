namespace Hatchery.Server;

/// <summary>The server cannot run as it is configured, or where it is; the message is one line for the operator.</summary>
internal sealed class SettingsException(string message, Exception? cause = null) : Exception(message, cause);
