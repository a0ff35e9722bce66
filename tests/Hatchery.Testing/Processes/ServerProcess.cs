using System.Text.Json;

namespace Hatchery.Testing;

/// <summary>A Hatchery server as an operator runs it: the one way to run a server in tests. It may be killed and started again.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>What the server says when all its services are bound.</summary>
    public const string ReadyLine = "hatchery ready";

    public const int CommandPort = 9110;

    private static readonly TimeSpan s_readyLimit = TimeSpan.FromSeconds(90);

    private readonly NetNamespace? _inside;
    private readonly Dictionary<string, string> _environment;
    private readonly string _configuration;
    private readonly List<ProcessOutput> _earlier = [];
    private readonly IReadOnlyList<string> _program;
    private WatchedProcess? _process;

    /// <param name="configuration">The HOCON file.</param>
    /// <param name="environment">What the file's substitutions ask for.</param>
    /// <param name="inside">The namespace to run in; null: where the test runs.</param>
    /// <param name="program">The server with what it is to be started by; null: this build's, as it is.</param>
    public ServerProcess(
        string configuration,
        IReadOnlyDictionary<string, string> environment,
        NetNamespace? inside = null,
        IReadOnlyList<string>? program = null
    )
    {
        _program = program ?? [SourceTree.Executable("Hatchery.Server", "hatchery")];
        (_configuration, _inside) = (configuration, inside);
        _environment = new(environment, StringComparer.Ordinal);
    }

    public WatchedProcess Process => _process ?? throw new InvalidOperationException("the server was never started");

    /// <summary>Starts the server and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        await StartWithoutWaitingAsync();
        await Process.Output.WaitForAsync(ReadyLine, s_readyLimit);
    }

    /// <summary>Starts the server: for those that are not to become ready.</summary>
    public async Task StartWithoutWaitingAsync()
    {
        if (_process is not null)
        {
            _earlier.Add(_process.Output);
            await _process.DisposeAsync();
        }
        IReadOnlyList<string> command = [.. _program, "run", "--config", _configuration];
        _process = WatchedProcess.Start("hatchery", _inside, command, _environment);
    }

    /// <summary>SIGKILL: nothing is written any more.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>SIGTERM. Returns the exit code.</summary>
    public Task<int> StopAsync() => Process.StopAsync();

    /// <summary>Runs one <c>pbm</c> command against this server. Returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message says what it said.</exception>
    public async Task<string> PbmAsync(params string[] command)
    {
        var result = await TryPbmAsync(command);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException(
                $"pbm {string.Join(' ', command)}: exit code {result.ExitCode}\n{result.Output}{result.Errors}"
            );
    }

    public Task<ToolResult> TryPbmAsync(params string[] command)
    {
        var pbm = SourceTree.Executable("Pbm", "pbm");
        string[] arguments = [$"127.0.0.1:{CommandPort}", .. command];
        return _inside is null ? Tool.RunAsync(pbm, arguments) : _inside.ExecAsync(pbm, arguments);
    }

    /// <summary>Runs many commands, so many at a time, as operators do who give pbm a file of them.</summary>
    /// <exception cref="InvalidOperationException">One failed; the message says what it said.</exception>
    public async Task PbmAllAsync(IReadOnlyList<string> commands, int atOnce, TimeSpan limit)
    {
        using var folder = new TempFolder();
        var pbm = SourceTree.Executable("Pbm", "pbm");
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(OperateAsync));

        async Task OperateAsync(int number)
        {
            var file = folder[$"{number}"];
            await File.WriteAllLinesAsync(file, commands.Where((_, i) => i % atOnce == number));
            string[] shell = ["-c", $"exec {pbm} 127.0.0.1:{CommandPort} <{file}"];
            var run = _inside is null
                ? await Tool.RunAsync("sh", shell, limit)
                : await Tool.RunAsync("ip", _inside.Command("sh", shell), limit);
            if (run.ExitCode != 0 || run.Errors.Length > 0)
                throw new InvalidOperationException(run.Errors);
        }
    }

    /// <summary>The same with <c>-o json</c>.</summary>
    public async Task<JsonElement> PbmJsonAsync(params string[] command)
    {
        var output = await PbmAsync([.. command, "-o", "json"]);
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.Clone();
        }
        catch (JsonException wrong)
        {
            throw new InvalidOperationException($"pbm {string.Join(' ', command)} printed no JSON:\n{output}", wrong);
        }
    }

    /// <summary>What every run of this server has said.</summary>
    public string Transcript() =>
        string.Join('\n', _earlier.Append(_process?.Output).OfType<ProcessOutput>().Select(o => o.Transcript()));

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
