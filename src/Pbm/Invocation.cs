using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pbm;

/// <summary>What the command line asks for: a first word with a colon is an address; no words mean a shell.</summary>
internal sealed record Invocation(string Host, int Port, IReadOnlyList<string> Words, bool WantsHelp)
{
    public const string DefaultHost = "127.0.0.1";
    public const int DefaultPort = 9110;

    public string Address => $"{Host}:{Port}";

    public static bool TryParse(
        IReadOnlyList<string> args,
        [NotNullWhen(true)] out Invocation? invocation,
        out string? error
    )
    {
        invocation = null;
        error = null;
        var (host, port) = (DefaultHost, DefaultPort);
        var words = args;
        if (args.Count > 0 && args[0].LastIndexOf(':') is >= 0 and var colon)
        {
            var written = args[0][..colon];
            host = written.Trim('[', ']');
            var isPort = int.TryParse(
                args[0][(colon + 1)..],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out port
            );
            if (
                !isPort
                || port is < 1 or > 65535
                || host.Length == 0
                || (host.Contains(':') && !written.StartsWith('['))
            )
            {
                error = $"'{args[0]}' is no address: HOST:PORT, e.g. {DefaultHost}:{DefaultPort}";
                return false;
            }
            words = [.. args.Skip(1)];
        }
        var wantsHelp = words is ["help" or "--help" or "-h"];
        invocation = new(host, port, wantsHelp ? [] : words, wantsHelp);
        return true;
    }
}
