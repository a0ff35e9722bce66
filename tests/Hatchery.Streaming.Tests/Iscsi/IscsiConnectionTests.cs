using System.Net;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Tests.Iscsi;

public sealed class IscsiConnectionTests
{
    private const int DiskBytes = 8 * 1024 * 1024;

    [Theory]
    [InlineData(LoginRefusal.NotFound, LoginStatus.NotFound)]
    [InlineData(LoginRefusal.NotAuthorized, LoginStatus.NotAuthorized)]
    [InlineData(LoginRefusal.Unavailable, LoginStatus.ServiceUnavailable)]
    public async Task A_refused_login_is_answered_with_its_status(LoginRefusal refusal, ushort status)
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Decide = _ => new LoginOutcome.Refused(refusal, "no");
        using var client = await IscsiTestClient.ConnectAsync(rig);
        Assert.Equal(status, (await client.LoginAsync()).As<LoginResponsePdu>().Status);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task A_redirect_names_the_other_portal()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Decide = _ => new LoginOutcome.Redirected(new(IPAddress.Parse("10.77.0.2"), 3260));
        using var client = await IscsiTestClient.ConnectAsync(rig);
        var response = await client.LoginAsync();
        Assert.Equal(LoginStatus.TargetMovedTemporarily, response.As<LoginResponsePdu>().Status);
        Assert.Equal(IscsiTestClient.Text("TargetAddress=10.77.0.2:3260,1"), response.Data);
    }

    [Fact]
    public async Task A_gate_that_throws_is_service_unavailable()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Before = _ => throw new InvalidOperationException("database");
        using var client = await IscsiTestClient.ConnectAsync(rig);
        Assert.Equal(LoginStatus.ServiceUnavailable, (await client.LoginAsync()).As<LoginResponsePdu>().Status);
    }

    [Fact]
    public async Task A_gate_that_hangs_is_service_unavailable_when_the_login_has_taken_too_long()
    {
        var time = new ManualTime();
        await using var rig = await Rig.StartAsync(time: time);
        var asked = new TaskCompletionSource();
        rig.Gate.Before = async cancellation =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        using var client = await IscsiTestClient.ConnectAsync(rig);
        var login = client.LoginAsync();
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(LoginStatus.ServiceUnavailable, (await login).As<LoginResponsePdu>().Status);
    }

    [Fact]
    public async Task What_is_no_login_is_answered_while_one_is_due()
    {
        await using var rig = await Rig.StartAsync();
        using var client = await IscsiTestClient.ConnectAsync(rig);
        await client.ReadAsync(1, 0, 1);
        Assert.Equal(LoginStatus.InvalidDuringLogin, (await client.ReceiveAsync()).As<LoginResponsePdu>().Status);
    }

    [Fact]
    public async Task A_write_without_immediate_data_is_asked_for_in_bursts()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var client = await IscsiTestClient.LogInAsync(rig, keys: "MaxBurstLength=1024\nMaxOutstandingR2T=2");
        await client.WriteAsync(5, lba: 8, blocks: 5, []);
        for (var i = 0; i < 3; i++)
        {
            var request = (await client.ReceiveAsync()).As<ReadyToTransfer>();
            Assert.Equal((uint)i, request.R2tSn);
            Assert.Equal((uint)i * 1024, request.BufferOffset);
            Assert.Equal(i < 2 ? 1024u : 512u, request.DesiredLength);
            var data = new byte[request.DesiredLength];
            data.AsSpan().Fill((byte)(i + 1));
            if (i == 0)
                continue;
            await SendBurst(
                client,
                request with
                {
                    TransferTag = request.TransferTag - 1,
                    BufferOffset = request.BufferOffset - 1024,
                },
                1024
            );
        }
        await SendBurst(client, new(0, 5, 3, default, 0, 2048, 512), 512);
        Assert.Equal(0, (await client.ReceiveAsync()).As<ScsiResponse>().Status);
        Assert.False(disk.Bytes.AsSpan(8 * 512, 5 * 512).Contains((byte)0));
    }

    [Fact]
    public async Task Writes_that_come_together_are_given_to_the_disk_together()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        var mayWrite = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Before = _ => mayWrite.Task;
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.WriteTogetherAsync(count: 4, Enumerable.Repeat((byte)1, 512).ToArray());
        await Eventually.TrueAsync(() => disk.GatheredWrites == 4 && !disk.IsGathering);
        mayWrite.SetResult();
        for (var n = 0; n < 4; n++)
            Assert.Equal(0, (await client.ReceiveAsync()).As<ScsiResponse>().Status);
        Assert.False(disk.Bytes.AsSpan(0, 2048).Contains((byte)0));
    }

    [Fact]
    public async Task Unsolicited_data_follows_its_command_where_the_login_allowed_it()
    {
        await using var rig = await Rig.StartAsync(new() { InitialR2t = false });
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var client = await IscsiTestClient.LogInAsync(
            rig,
            keys: "InitialR2T=No\nImmediateData=Yes\nFirstBurstLength=1024"
        );
        var ones = Enumerable.Repeat((byte)1, 512).ToArray();
        await client.WriteAsync(5, lba: 0, blocks: 3, ones, final: false);
        await client.SendAsync(new DataOut(true, 512, 0, 5, PduHeader.NoTag, 0, 0, 512), ones);
        var request = (await client.ReceiveAsync()).As<ReadyToTransfer>();
        Assert.Equal((1024u, 512u), (request.BufferOffset, request.DesiredLength));
        await client.SendAsync(new DataOut(true, 512, 0, 5, request.TransferTag, 0, 0, 1024), ones);
        Assert.Equal(0, (await client.ReceiveAsync()).As<ScsiResponse>().Status);
        Assert.False(disk.Bytes.AsSpan(0, 1536).Contains((byte)0));
    }

    [Fact]
    public async Task A_read_is_cut_at_the_initiators_segment_and_its_last_piece_carries_the_status()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        new Random(1).NextBytes(disk.Bytes);
        using var client = await IscsiTestClient.LogInAsync(rig, keys: "MaxRecvDataSegmentLength=512");
        await client.ReadAsync(5, lba: 1, blocks: 3);
        var read = new List<byte>();
        for (var i = 0; i < 3; i++)
        {
            var pdu = await client.ReceiveAsync();
            var data = pdu.As<DataIn>();
            Assert.Equal(
                ((uint)i, (uint)i * 512, i == 2, i == 2),
                (data.DataSn, data.BufferOffset, data.HasStatus, data.Final)
            );
            read.AddRange(pdu.Data);
        }
        Assert.Equal(disk.Bytes[512..2048], read);
    }

    [Fact]
    public async Task Digests_are_right_in_both_directions()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var client = await IscsiTestClient.LogInAsync(rig, keys: "HeaderDigest=CRC32C\nDataDigest=CRC32C");
        var header = new byte[52];
        new NopOut(true, 3, 0, 9, PduHeader.NoTag, 1, 0).Write(header);
        IscsiDigest.Write(IscsiDigest.Compute(header.AsSpan(0, 48)), header.AsSpan(48));
        byte[] data = [1, 2, 3, 0, 0, 0, 0, 0];
        IscsiDigest.Write(IscsiDigest.Compute(data.AsSpan(0, 4)), data.AsSpan(4));
        await client.Stream.WriteAsync(header.Concat(data).ToArray());
        var answer = new byte[60];
        await client.Stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(IscsiDigest.Matches(answer.AsSpan(0, 48), answer.AsSpan(48)));
        Assert.Equal(data, answer[52..]);
        header[20] ^= 1;
        await client.Stream.WriteAsync(header.Concat(data).ToArray());
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task The_same_session_again_waits_for_the_commands_of_the_one_before()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        disk.Before = _ =>
        {
            started.TrySetResult();
            return release.Task;
        };
        using var first = await IscsiTestClient.LogInAsync(rig);
        await first.WriteAsync(5, 0, 1, new byte[512]);
        await started.Task;
        using var second = await IscsiTestClient.ConnectAsync(rig);
        var login = second.LoginAsync();
        Assert.True(await first.IsClosedAsync());
        Assert.False(login.IsCompleted);
        Assert.Single(rig.Gate.Logins);
        release.SetResult();
        Assert.Equal(LoginStatus.Success, (await login).As<LoginResponsePdu>().Status);
        Assert.Equal(1, rig.Gate.OpenSessions);
    }

    [Fact]
    public async Task Another_initiator_session_id_is_another_session()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var first = await IscsiTestClient.LogInAsync(rig, isid: 1);
        using var second = await IscsiTestClient.LogInAsync(rig, isid: 2);
        await first.ReadAsync(1, 0, 1);
        Assert.Equal(IscsiOpcode.DataIn, (await first.ReceiveAsync()).Opcode);
    }

    [Fact]
    public async Task The_window_shrinks_with_open_commands_and_MaxCmdSN_never_falls()
    {
        await using var rig = await Rig.StartAsync(new() { CommandWindow = 4 });
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        disk.Before = _ => release.Task;
        using var client = await IscsiTestClient.LogInAsync(rig);
        for (var i = 0; i < 6; i++)
            await client.WriteAsync((uint)i, 0, 1, new byte[512]);
        await client.SendAsync(new NopOut(true, 0, 0, 99, PduHeader.NoTag, client.CmdSn, 0), []);
        var numbers = (await client.ReceiveAsync()).As<NopIn>().Sequence;
        Assert.Equal((5u, 4u), (numbers.ExpCmdSn, numbers.MaxCmdSn));
        release.SetResult();
        var most = numbers.MaxCmdSn;
        for (var i = 0; i < 4; i++)
        {
            var response = (await client.ReceiveAsync()).As<ScsiResponse>();
            Assert.True(response.Sequence.MaxCmdSn > most);
            most = response.Sequence.MaxCmdSn;
        }
    }

    [Fact]
    public async Task An_aborted_command_is_not_answered_and_the_abort_waits_for_the_disk()
    {
        await using var rig = await Rig.StartAsync();
        var disk = rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        var release = new TaskCompletionSource();
        disk.Before = what => what == "write" ? release.Task : Task.CompletedTask;
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.WriteAsync(5, 0, 1, new byte[512]);
        await client.SendAsync(
            new TaskManagementRequest(true, TaskFunction.AbortTask, 0, 6, 5, client.CmdSn, 0, 1, 0),
            []
        );
        await client.ReadAsync(7, 0, 1);
        Assert.Equal(7u, (await client.ReceiveAsync()).As<DataIn>().TaskTag);
        release.SetResult();
        var answer = (await client.ReceiveAsync()).As<TaskManagementResponse>();
        Assert.Equal((6u, TaskOutcome.Complete), (answer.TaskTag, answer.Response));
    }

    [Fact]
    public async Task An_error_of_a_disk_that_goes_on_elsewhere_ends_the_connection_and_is_not_told()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes)).WriteStatus = DiskStatus.IoError;
        rig.Gate.GoesOnElsewhere = true;
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.WriteAsync(1, 0, 1, new byte[512]);
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task No_space_is_space_allocation_failed()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes)).WriteStatus = DiskStatus.NoSpace;
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.WriteAsync(5, 0, 1, new byte[512]);
        var response = await client.ReceiveAsync();
        Assert.Equal((byte)ScsiStatus.CheckCondition, response.As<ScsiResponse>().Status);
        Assert.True(SenseData.TryRead(response.Data.AsSpan(2), out var sense));
        Assert.Equal(SenseData.SpaceAllocationFailed, sense);
    }

    [Fact]
    public async Task A_silent_initiator_is_pinged_and_then_given_up_if_it_is_known_to_ping()
    {
        var time = new ManualTime();
        await using var rig = await Rig.StartAsync(time: time);
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.SendAsync(new NopOut(true, 0, 0, 99, PduHeader.NoTag, client.CmdSn, 0), []);
        Assert.Equal(99u, (await client.ReceiveAsync()).As<NopIn>().TaskTag);
        time.Advance(TimeSpan.FromSeconds(16));
        var ping = (await client.ReceiveAsync()).As<NopIn>();
        Assert.Equal(PduHeader.NoTag, ping.TaskTag);
        Assert.NotEqual(PduHeader.NoTag, ping.TransferTag);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(await client.IsClosedAsync());
    }

    [Fact]
    public async Task Logout_is_answered_before_the_connection_closes()
    {
        await using var rig = await Rig.StartAsync();
        rig.Gate.Add(IscsiTestClient.Target, new MemoryDisk(DiskBytes));
        using var client = await IscsiTestClient.LogInAsync(rig);
        await client.SendAsync(new LogoutRequest(true, LogoutReason.CloseSession, 8, 0, client.CmdSn, 0), []);
        Assert.Equal(0, (await client.ReceiveAsync()).As<LogoutResponse>().Response);
        Assert.True(await client.IsClosedAsync());
    }

    private static Task SendBurst(IscsiTestClient client, ReadyToTransfer request, int length) =>
        client.SendAsync(
            new DataOut(true, length, 0, request.TaskTag, request.TransferTag, 0, 0, request.BufferOffset),
            Enumerable.Repeat((byte)7, length).ToArray()
        );
}
