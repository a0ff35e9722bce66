using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class ServerFailureDetectorTests : IAsyncLifetime
{
    /// <summary>Silence alone is no ground for suspicion here.</summary>
    private static readonly Config s_patient = ConfigurationFactory.ParseString(
        """
        threshold = 8.0, max-sample-size = 1000, min-std-deviation = 100ms
        heartbeat-interval = 20ms, acceptable-heartbeat-pause = 1h
        """
    );

    private readonly ActorSystem _system = ActorSystem.Create("detectors");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Silent_server_whose_host_refuses_connections_is_suspected_until_it_is_heard_of_again()
    {
        var detector = Detector(PortOfNobody());
        Assert.True(detector.IsAvailable);
        detector.HeartBeat();

        await Eventually.TrueAsync(() => !detector.IsAvailable);

        detector.HeartBeat();
        Assert.True(detector.IsAvailable);
    }

    [Fact]
    public async Task Silent_server_whose_host_takes_connections_is_only_slow()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var detector = Detector(((IPEndPoint)listener.LocalEndpoint).Port);
        detector.HeartBeat();

        // More calls than refusals would be needed.
        for (var call = 0; call < 5; call++)
        {
            var called = listener.AcceptTcpClientAsync();
            await Eventually.TrueAsync(() => detector.IsAvailable && called.IsCompleted);
            (await called).Dispose();
        }

        Assert.True(detector.IsAvailable);
    }

    [Fact]
    public void Server_that_is_heard_of_is_not_called()
    {
        var detector = Detector(PortOfNobody());
        for (var beat = 0; beat < 100; beat++)
        {
            detector.HeartBeat();
            Assert.True(detector.IsAvailable);
        }
    }

    private ServerFailureDetector Detector(int port)
    {
        var name = $"{typeof(ServerFailureDetector).FullName}, {typeof(ServerFailureDetector).Assembly.GetName().Name}";
        var detector = (ServerFailureDetector)FailureDetectorLoader.Load(name, s_patient, _system);
        detector.Address = $"akka.tcp://hatchery@127.0.0.1:{port}";
        return detector;
    }

    private static int PortOfNobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
