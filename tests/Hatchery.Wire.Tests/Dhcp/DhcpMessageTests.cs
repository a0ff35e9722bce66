using System.Buffers;
using System.Net;
using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Dhcp;

public sealed class DhcpMessageTests(ITestOutputHelper output)
{
    private static readonly DhcpMessage s_message = new()
    {
        Operation = DhcpOperation.Reply,
        TransactionId = 0xdeadbeef,
        Seconds = 7,
        Broadcast = true,
        Hops = 2,
        ClientAddress = IPAddress.Parse("10.0.0.1"),
        YourAddress = IPAddress.Parse("10.0.0.2"),
        NextServer = IPAddress.Parse("10.0.0.3"),
        RelayAddress = IPAddress.Parse("10.0.0.4"),
        ClientMac = MacAddress.Parse("52:54:00:12:34:56"),
        ServerName = "hatchery",
        BootFile = "undionly.kpxe",
        Options = DhcpOptions
            .None.With(DhcpMessageType.Offer)
            .With(DhcpOptionCode.Router, [IPAddress.Parse("10.0.0.254"), IPAddress.Parse("10.0.0.253")])
            .With(DhcpOptionCode.LeaseTime, TimeSpan.FromHours(1)),
    };

    [Fact]
    public void What_was_written_is_read_again()
    {
        Assert.True(DhcpMessage.TryRead(Bytes(s_message), out var read));
        Assert.Equal(s_message, read);
        Assert.Equal(DhcpMessageType.Offer, read.Type);
        Assert.Equal(3600u, read.Options.UInt32(DhcpOptionCode.LeaseTime));
        Assert.Equal(2, read.Options.Addresses(DhcpOptionCode.Router).Count);
    }

    [Fact]
    public void A_short_message_is_padded_for_BOOTP_clients() =>
        Assert.Equal(300, Bytes(s_message with { Options = DhcpOptions.None }).Length);

    [Fact]
    public void A_long_option_goes_in_pieces_and_comes_back_whole()
    {
        var value = Enumerable.Range(0, 700).Select(i => (byte)i).ToArray();
        var message = s_message with { Options = s_message.Options.With(DhcpOptionCode.VendorSpecific, value) };
        Assert.True(DhcpMessage.TryRead(Bytes(message), out var read));
        Assert.Equal(value, read.Options[DhcpOptionCode.VendorSpecific].ToArray());
    }

    [Fact]
    public void Overloaded_fields_are_read_as_options_file_before_sname()
    {
        var bytes = Bytes(s_message with { ServerName = "", BootFile = "", Options = DhcpOptions.None });
        byte[] options = [52, 1, 3, 53, 1, 2, 12, 1, (byte)'a', 255];
        options.CopyTo(bytes, 240);
        new byte[] { 12, 1, (byte)'b', 255 }.CopyTo(bytes, 108);
        new byte[] { 12, 1, (byte)'c', 255 }.CopyTo(bytes, 44);
        Assert.True(DhcpMessage.TryRead(bytes, out var read));
        Assert.Equal("abc", read.Options.Text(DhcpOptionCode.HostName));
        Assert.Equal("", read.BootFile);
        Assert.Equal("", read.ServerName);
        Assert.False(read.Options.Has(DhcpOptionCode.Overload));
    }

    [Fact]
    public void A_length_past_the_end_is_refused()
    {
        var bytes = Bytes(s_message);
        new byte[] { 12, 250 }.CopyTo(bytes, 240);
        Assert.False(DhcpMessage.TryRead(bytes.AsSpan(0, 280), out _));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2, 16)]
    public void A_wrong_fixed_field_is_refused(int offset, byte value)
    {
        var bytes = Bytes(s_message);
        bytes[offset] = value;
        Assert.False(DhcpMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void A_name_too_long_for_its_field_is_a_programmers_error() =>
        Assert.Throws<ArgumentException>(() => Bytes(s_message with { ServerName = new string('x', 65) }));

    [Fact]
    public void Options_beyond_the_room_go_into_the_free_fields_and_the_relays_stay_last()
    {
        var options = DhcpOptions
            .None.With(DhcpMessageType.Ack)
            .With(DhcpOptionCode.RootPath, new string('r', 250))
            .With(DhcpOptionCode.DomainName, new string('d', 100))
            .With(DhcpOptionCode.HostName, new string('h', 50))
            .With(DhcpOptionCode.VendorClass, new string('v', 20))
            .With(DhcpOptionCode.RelayAgentInformation, [1, 1, 7]);
        var message = s_message with { BootFile = "", ServerName = "", Options = options };
        var bytes = Fitted(message, 548, out var dropped);
        Assert.Empty(dropped);
        Assert.InRange(bytes.Length, 300, 548);
        var small = Fitted(message, 520, out dropped);
        Assert.Empty(dropped);
        Assert.InRange(small.Length, 300, 520);
        Assert.Equal([82, 3, 1, 1, 7, 255], small.AsSpan(0, small.Length).TrimEnd((byte)0)[^6..].ToArray());
        Assert.True(DhcpMessage.TryRead(small, out var read));
        Assert.Equal(
            options.OrderBy(o => o.Key).Select(o => (o.Key, o.Value.Length)),
            read.Options.OrderBy(o => o.Key).Select(o => (o.Key, o.Value.Length))
        );
        Assert.Equal("", read.BootFile);
    }

    [Fact]
    public void A_field_in_use_is_not_overloaded_and_what_then_has_no_room_is_left_out_and_named()
    {
        var options = s_message
            .Options.With(DhcpOptionCode.RootPath, new string('r', 200))
            .With(DhcpOptionCode.DomainName, new string('d', 100))
            .With(DhcpOptionCode.VendorClass, "fits");
        var bytes = Fitted(s_message with { Options = options }, 480, out var dropped);
        Assert.Equal([(byte)DhcpOptionCode.DomainName], dropped);
        Assert.True(DhcpMessage.TryRead(bytes, out var read));
        Assert.Equal((s_message.BootFile, s_message.ServerName), (read.BootFile, read.ServerName));
        Assert.Equal("fits", read.Options.Text(DhcpOptionCode.VendorClass));
        Assert.False(read.Options.Has(DhcpOptionCode.DomainName));
    }

    [Fact]
    public void BOOTP_has_300_bytes_and_no_overload()
    {
        var options = DhcpOptions
            .None.With(DhcpOptionCode.SubnetMask, IPAddress.Parse("255.255.255.0"))
            .With(DhcpOptionCode.DomainName, new string('d', 60))
            .With(DhcpOptionCode.HostName, new string('h', 40));
        var bytes = Fitted(s_message with { BootFile = "", ServerName = "", Options = options }, 300, out var dropped);
        Assert.Equal(300, bytes.Length);
        Assert.Equal([(byte)DhcpOptionCode.DomainName], dropped);
        Assert.True(DhcpMessage.TryRead(bytes, out var read));
        Assert.Equal(options.Without(DhcpOptionCode.DomainName), read.Options);
    }

    [Fact]
    public void Whatever_the_options_and_the_room_what_is_written_and_what_is_left_out_are_all_of_them()
    {
        var random = Seed.New(output, 1);
        for (var round = 0; round < 3_000; round++)
        {
            var options = random.Next(4) == 0 ? DhcpOptions.None : DhcpOptions.None.With(DhcpMessageType.Ack);
            for (var i = random.Next(12); i > 0; i--)
                options = options.With(
                    (byte)random.Next(100, 250),
                    new byte[random.Next(random.Next(2) == 0 ? 20 : 400)]
                );
            if (random.Next(2) == 0)
                options = options.With(DhcpOptionCode.RelayAgentInformation, new byte[random.Next(40)]);
            var message = s_message with
            {
                BootFile = random.Next(2) == 0 ? "" : "file",
                ServerName = random.Next(2) == 0 ? "" : "name",
                Options = options,
            };
            var bytesMax = random.Next(300, 1473);
            var bytes = Fitted(message, bytesMax, out var dropped);
            Assert.InRange(bytes.Length, 300, bytesMax);
            Assert.True(DhcpMessage.TryRead(bytes, out var read));
            Assert.Equal(
                options.Select(o => (o.Key, o.Value.Length)).Order(),
                read.Options.Select(o => (o.Key, o.Value.Length))
                    .Concat(dropped.Select(code => (code, options[code].Length)))
                    .Order()
            );
            Assert.Equal((message.BootFile, message.ServerName), (read.BootFile, read.ServerName));
            Assert.DoesNotContain((byte)DhcpOptionCode.RelayAgentInformation, dropped);
        }
    }

    private static byte[] Fitted(DhcpMessage message, int bytesMax, out IReadOnlyList<byte> dropped)
    {
        var buffer = new ArrayBufferWriter<byte>();
        dropped = message.Write(buffer, bytesMax);
        return buffer.WrittenSpan.ToArray();
    }

    [Fact]
    public void Without_the_cookie_it_is_plain_BOOTP_and_has_no_options()
    {
        var plain = s_message with { Options = DhcpOptions.None, HasCookie = false };
        var bytes = Bytes(plain);
        Assert.All(bytes[236..], b => Assert.Equal(0, b));
        Assert.Equal(bytes, Bytes(s_message with { HasCookie = false }));
        Assert.True(DhcpMessage.TryRead(bytes, out var read));
        Assert.Equal(plain, read);

        bytes[240] = 53;
        bytes[241] = 200;
        Assert.True(DhcpMessage.TryRead(bytes, out read));
        Assert.Empty(read.Options);
    }

    internal static byte[] Bytes(DhcpMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        message.Write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
