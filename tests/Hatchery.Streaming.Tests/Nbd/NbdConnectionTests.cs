using Hatchery.Disks;
using Hatchery.Wire.Nbd;

namespace Hatchery.Streaming.Tests.Nbd;

public sealed class NbdConnectionTests
{
    private const int DiskBytes = 8 * 1024 * 1024;

    [Fact]
    public async Task A_read_overtakes_a_write_that_waits_for_the_disk()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        disk.Before = what => what == "write" ? release.Task : Task.CompletedTask;
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Write, 1, 0, 512, new byte[512]);
        await client.RequestAsync(NbdCommand.Read, 2, 4096, 512);
        Assert.Equal(2UL, (await client.ReplyAsync()).Cookie);
        await client.ReadBytesAsync(512);
        release.SetResult();
        Assert.Equal(new NbdSimpleReply(NbdError.None, 1), await client.ReplyAsync());
    }

    [Fact]
    public async Task Data_of_a_waiting_write_is_not_overwritten_by_what_comes_after_it()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        disk.Before = _ => release.Task;
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        const int Writes = 100;
        for (var i = 0; i < Writes; i++)
        {
            var data = new byte[16_384];
            data.AsSpan().Fill((byte)i);
            await client.RequestAsync(NbdCommand.Write, (ulong)i, (ulong)i * 16_384, 16_384, data);
        }
        release.SetResult();
        for (var i = 0; i < Writes; i++)
            Assert.Equal(NbdError.None, (await client.ReplyAsync()).Error);
        for (var i = 0; i < Writes; i++)
            Assert.False(disk.Bytes.AsSpan(i * 16_384, 16_384).ContainsAnyExcept((byte)i));
    }

    [Fact]
    public async Task Requests_that_wait_for_the_disk_are_bounded_and_the_socket_is_not_read_meanwhile()
    {
        await using var rig = await Rig.StartAsync(new() { MaxRequests = 4 });
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        var (waiting, most) = (0, 0);
        disk.Before = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref waiting));
            await release.Task;
            Interlocked.Decrement(ref waiting);
        };
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        for (var i = 0; i < 50; i++)
            await client.RequestAsync(NbdCommand.Flush, (ulong)i);
        release.SetResult();
        for (var i = 0; i < 50; i++)
            await client.ReplyAsync();
        Assert.InRange(most, 1, 4);
    }

    [Theory]
    [InlineData(DiskStatus.NoSpace, NbdError.NoSpace)]
    [InlineData(DiskStatus.ReadOnly, NbdError.NotPermitted)]
    [InlineData(DiskStatus.IoError, NbdError.InputOutput)]
    public async Task A_failed_write_has_the_errno_of_its_cause(object status, object error)
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes)).WriteStatus = (DiskStatus)status;
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Write, 1, 0, 512, new byte[512]);
        Assert.Equal((NbdError)error, (await client.ReplyAsync()).Error);
    }

    [Fact]
    public async Task A_fenced_write_ends_the_connection_and_gives_its_session_back()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes)).WriteStatus = DiskStatus.Fenced;
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Write, 1, 0, 512, new byte[512]);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task An_error_of_a_disk_that_goes_on_elsewhere_ends_the_connection_and_is_not_told()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes)).WriteStatus = DiskStatus.IoError;
        rig.Gate.GoesOnElsewhere = true;
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Write, 1, 0, 512, new byte[512]);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_session_that_ends_takes_its_connections_with_it()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        rig.Gate.End("root");
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_store_that_throws_fails_the_request_and_not_the_connection()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        disk.Failure = new IOException("gone");
        await client.RequestAsync(NbdCommand.Read, 1, 0, 512);
        Assert.Equal(NbdError.InputOutput, (await client.ReplyAsync()).Error);
        disk.Failure = null;
        await client.RequestAsync(NbdCommand.Flush, 2);
        Assert.Equal(NbdError.None, (await client.ReplyAsync()).Error);
    }

    [Theory]
    [InlineData(LoginRefusal.NotFound, NbdOptionReplyType.Unknown)]
    [InlineData(LoginRefusal.NotAuthorized, NbdOptionReplyType.Policy)]
    [InlineData(LoginRefusal.Unavailable, NbdOptionReplyType.ShuttingDown)]
    public async Task A_refused_login_is_answered_and_another_may_follow(LoginRefusal refusal, object type)
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Decide = _ => new LoginOutcome.Refused(refusal, "no");
        using var client = await NbdTestClient.ConnectAsync(rig);
        await client.OptionAsync(NbdOption.Go, new NbdInfoRequest("root", []).ToBytes());
        Assert.Equal((NbdOptionReplyType)type, (await client.OptionReplyAsync()).Type);
        await client.OptionAsync(NbdOption.List, []);
        Assert.Equal(NbdOptionReplyType.Ack, (await client.OptionReplyAsync()).Type);
    }

    [Fact]
    public async Task Old_clients_log_in_by_export_name()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var client = await NbdTestClient.ConnectAsync(rig);
        await client.OptionAsync(NbdOption.ExportName, "root"u8.ToArray());
        var reply = await client.ReadAsync<NbdExportNameReply>();
        Assert.Equal((ulong)DiskBytes, reply.LengthBytes);
        await client.RequestAsync(NbdCommand.Disconnect, 1);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Options_that_are_not_there_are_declined()
    {
        await using var rig = await Rig.StartAsync();
        using var client = await NbdTestClient.ConnectAsync(rig);
        foreach (var option in new[] { NbdOption.StartTls, NbdOption.StructuredReply, NbdOption.SetMetaContext })
        {
            await client.OptionAsync(option, []);
            Assert.Equal(NbdOptionReplyType.Unsupported, (await client.OptionReplyAsync()).Type);
        }
    }

    [Theory]
    [InlineData(1UL, 512u)]
    [InlineData(0UL, 100u)]
    [InlineData((ulong)DiskBytes, 512u)]
    [InlineData(ulong.MaxValue - 511, 512u)]
    public async Task Reads_outside_the_disk_or_off_its_blocks_are_invalid(ulong offset, uint length)
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var client = await NbdTestClient.ConnectAsync(rig, "root");
        await client.RequestAsync(NbdCommand.Read, 1, offset, length);
        Assert.Equal(NbdError.Invalid, (await client.ReplyAsync()).Error);
    }

    [Fact]
    public async Task Disposing_the_listener_ends_connections_and_gives_sessions_back()
    {
        var rig = await Rig.StartAsync();
        rig.Gate.Add("root", new MemoryDisk(DiskBytes));
        using var first = await NbdTestClient.ConnectAsync(rig, "root");
        using var second = await NbdTestClient.ConnectAsync(rig, "root");
        Assert.Equal(2, rig.Gate.OpenSessions);
        await rig.DisposeAsync();
        Assert.True(await first.IsClosedAsync());
        Assert.Equal(0, rig.Gate.OpenSessions);
    }
}
