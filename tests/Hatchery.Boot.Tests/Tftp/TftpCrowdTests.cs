using System.Diagnostics;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Files;
using Hatchery.Boot.Tftp;
using Hatchery.Testing;
using Hatchery.Wire.Tftp;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Tftp;

public sealed class TftpCrowdTests(ITestOutputHelper output)
{
    private const int Clients = 200;
    private const double Loss = 0.02;

    private static readonly TftpOptions[] s_options =
    [
        TftpOptions.None,
        new(BlockSize: 1428),
        new(BlockSize: 1468, TransferSize: 0, WindowSize: 4),
        new(BlockSize: 8192, WindowSize: 16),
        new(WindowSize: 64),
        new(BlockSize: 1024, TimeoutSeconds: 1, WindowSize: 8),
    ];

    [NamespaceFact]
    public async Task Two_hundred_transfers_at_once_all_arrive_whole_though_packets_are_lost()
    {
        await using var inside = await NetNamespace.CreateAsync();
        using var folder = new TempFolder();
        var random = Seed.New(output);
        var files = new byte[8][];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = new byte[i == 0 ? 512 * 40 : random.Next(150_000)];
            random.NextBytes(files[i]);
            await File.WriteAllBytesAsync(folder[$"file-{i}"], files[i]);
        }
        var log = new LogLines();
        await using var server = new TftpServer(
            new()
            {
                Interfaces = ["lo"],
                RetryAfter = TimeSpan.FromMilliseconds(500),
                MaxTries = 60,
                MaxPerAddress = Clients,
            },
            new BootFolder(folder.Path),
            new BootTimeline(
                new RecordingDirectory(),
                Substitute.For<ILeaseStore>(),
                new NamespaceNetwork(inside),
                NullLogger<BootTimeline>.Instance
            ),
            new NamespaceNetwork(inside),
            TimeProvider.System,
            log.As<TftpServer>()
        );
        await server.StartAsync(default);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var began = Stopwatch.GetTimestamp();

        try
        {
            await Task.WhenAll(
                Enumerable
                    .Range(0, Clients)
                    .Select(i => FetchAsync(inside, i, files[i % files.Length], new Random(random.Next()), limit.Token))
            );
        }
        finally
        {
            output.WriteLine(string.Join('\n', log.Without("TFTP sent")));
        }

        output.WriteLine($"{Clients} transfers in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s; {server.Use}");
        await Eventually.TrueAsync(() => server.Use.Open == 0);
        Assert.True(log.With("TFTP sent file-").Count == Clients, log.ToString());
    }

    private static async Task FetchAsync(
        NetNamespace inside,
        int index,
        byte[] file,
        Random random,
        CancellationToken cancellation
    )
    {
        using var client = LossyTftpClient.In(inside, Loss, random);
        var got = await client.FetchAsync($"file-{index % 8}", s_options[index % s_options.Length], cancellation);
        Assert.True(
            file.AsSpan().SequenceEqual(got),
            $"client {index}: {got.Length} bytes of {file.Length}, or others"
        );
    }
}
