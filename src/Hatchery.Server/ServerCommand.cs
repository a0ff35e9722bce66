using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>What `hatchery` does; exit code 0 stopped in good order, 1 cannot run here, 2 wrong configuration.</summary>
internal static class ServerCommand
{
    private const int Stopped = 0;
    private const int CannotRun = 1;
    private const int WrongConfiguration = 2;

    public static int Check(string? file)
    {
        try
        {
            var (settings, _, unknown) = Read(file);
            foreach (var key in unknown)
                Console.Error.WriteLine($"{key}: no such setting; see reference.conf");
            if (unknown.Count > 0)
                return WrongConfiguration;
            Console.WriteLine("the configuration can be read");
            if (OpenFiles.Shortage(settings) is { } shortage)
                Console.WriteLine($"but {shortage}");
            return Stopped;
        }
        catch (SettingsException wrong)
        {
            Console.Error.WriteLine($"hatchery: {wrong.Message}");
            return WrongConfiguration;
        }
    }

    public static async Task<int> RunAsync(string? file, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        try
        {
            var (settings, configuration, unknown) = Read(file);
            using var logs = new BoundedLoggerFactory(
                LoggerFactory.Create(log => ServerLog.Configure(log, settings.LogLevel)),
                TimeProvider.System
            );
            var log = logs.CreateLogger<ServerHost>();
            foreach (var key in unknown)
                Log.UnknownSetting(log, key);
            await using var server = await ServerHost.StartAsync(settings, configuration, logs, TimeProvider.System);
            Console.WriteLine(
                $"hatchery ready: {settings.ServerName} at {settings.Address}, after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s"
            );
            ServiceManager.Tell(ServiceManager.Ready, log);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            Log.Stopping(log);
            ServiceManager.Tell(ServiceManager.Stopping, log);
            return Stopped;
        }
        catch (SettingsException wrong)
        {
            await Console.Error.WriteLineAsync($"hatchery: {wrong.Message}");
            return wrong.InnerException is null or Akka.Configuration.ConfigurationException
                ? WrongConfiguration
                : CannotRun;
        }
    }

    private static (
        ServerSettings Settings,
        Akka.Configuration.Config Configuration,
        IReadOnlyList<string> Unknown
    ) Read(string? file)
    {
        var configuration = ServerConfiguration.Load(file);
        var reader = new SettingsReader(configuration);
        var settings = ServerSettings.Read(reader);
        var known = ServerConfiguration
            .Keys(ServerConfiguration.Load(null), "hatchery")
            .Concat(ServerConfiguration.Keys(ServerConfiguration.Load(null), "petabridge.cmd"))
            .ToHashSet(StringComparer.Ordinal);
        return (settings, configuration, [.. ServerConfiguration.UnknownKeys(configuration, known)]);
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
