using System.Globalization;
using Hatchery.Devices;

namespace Hatchery.Server;

/// <summary>How many files and sockets this process may have open: getrlimit(2), RLIMIT_NOFILE. .NET raises it to the hard limit at its start.</summary>
internal static class OpenFiles
{
    private const string Line = "Max open files";

    /// <summary>Libraries, log, database, and the runtime's own.</summary>
    private const int OwnFiles = 512;

    /// <summary>Of a TFTP transfer: socket and file.</summary>
    private const int FilesPerTransfer = 2;

    /// <summary>Null where the limit cannot be read.</summary>
    public static long? Limit
    {
        get
        {
            // proc(5): the soft limit is the first number behind the name.
            const string Limits = "/proc/self/limits";
            var line = File.Exists(Limits)
                ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Line, StringComparison.Ordinal))
                : null;
            var soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
    }

    public static ServiceUse Use =>
        new("descriptors", Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(), Limit ?? 0, 0, 0, 0);

    /// <summary>What the configuration lets clients open.</summary>
    public static long Needed(ServerSettings settings) =>
        OwnFiles
        + settings.Store.Limits.OpenFilesMax
        + (settings.Streaming.IscsiPort > 0 ? settings.Streaming.Options.MaxConnections : 0)
        + (settings.Streaming.NbdPort > 0 ? settings.Streaming.Options.MaxConnections : 0)
        + settings.Boot.HttpConnectionsMax
        // One from each of the others, and one to each.
        + (settings.Mirroring.Port > 0 ? 2 * settings.Mirroring.Links.ConnectionsMax : 0)
        + ((long)FilesPerTransfer * settings.Boot.Tftp.MaxTransfers);

    /// <summary>One line for an operator; null when there is room.</summary>
    public static string? Shortage(ServerSettings settings) =>
        Limit is { } limit && Needed(settings) is var needed && needed > limit
            ? $"only {limit} files may be open at once (RLIMIT_NOFILE), and the configured connections may take {needed}: raise LimitNOFILE= (ulimit -n), or lower hatchery.streaming.connection.max and hatchery.boot.http.connections-max"
            : null;
}
