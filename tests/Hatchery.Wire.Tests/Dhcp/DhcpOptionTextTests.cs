using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Dhcp;

public sealed class DhcpOptionTextTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("ntp-servers=10.77.0.1,10.77.0.2", 42, "0a4d00010a4d0002")]
    [InlineData("42=hex:0a4d0001", 42, "0a4d0001")]
    [InlineData("domain-search=farm.test,a.org", 119, "046661726d0474657374000161036f726700")]
    [InlineData("classless-static-routes=10.1.0.0/16:10.77.0.254,0.0.0.0/0:10.77.0.1", 121, "100a010a4d00fe000a4d0001")]
    [InlineData("static-routes=10.1.0.0:10.77.0.254", 33, "0a0100000a4d00fe")]
    [InlineData("43=6=u8:8", 43, "060108ff")]
    [InlineData("43=hex:deadbeef", 43, "deadbeef")]
    [InlineData("ipxe=176=u8:1;178=text:a=b", 175, "b00101b203613d62")]
    [InlineData("vendor-class-identifier=PXEClient", 60, "505845436c69656e74")]
    [InlineData("bootfile-name=pxelinux.0", 67, "7078656c696e75782e30")]
    [InlineData("97=00112233-4455-6677-8899-aabbccddeeff", 97, "0033221100554477668899aabbccddeeff")]
    [InlineData("time-offset=-3600", 2, "fffff1f0")]
    [InlineData("interface-mtu=1400", 26, "0578")]
    [InlineData("ip-forwarding=on", 19, "01")]
    [InlineData("path-mtu-plateau-table=68,296", 25, "00440128")]
    [InlineData("224=u32:7", 224, "00000007")]
    [InlineData("224=text:so und so", 224, "736f20756e6420736f")]
    [InlineData("80=hex:", 80, "")]
    public void An_option_is_written_by_name_or_number(string text, byte code, string hex)
    {
        Assert.True(DhcpOptionText.TryParse(text, out var parsed, out var value, out var error), error);
        Assert.Equal((code, hex), (parsed, Convert.ToHexStringLower(value)));
    }

    [Theory]
    [InlineData("ntp-servers", "'ntp-servers' is no DHCP option: NAME=VALUE, e.g. ntp-servers=10.77.0.1")]
    [InlineData(
        "ntp=10.77.0.1",
        "there is no DHCP option 'ntp': a name such as ntp-servers, or a number from 1 to 254"
    )]
    [InlineData("256=u8:1", "there is no DHCP option '256': a name such as ntp-servers, or a number from 1 to 254")]
    [InlineData("0=hex:", "DHCP option 0 cannot be set: it only marks where options are padded or end")]
    [InlineData("53=u8:2", "DHCP option 53 cannot be set: the server sets it as the message needs it")]
    [InlineData("51=u32:60", "DHCP option 51 cannot be set: times come from hatchery.boot.dhcp.lease-duration")]
    [InlineData("61=text:me", "DHCP option 61 cannot be set: it is what a client says of itself")]
    [InlineData("82=hex:00", "DHCP option 82 cannot be set: the server sets it as the message needs it")]
    [InlineData("42=10.77.1", "DHCP option ntp-servers: '10.77.1' has to be IPv4 addresses, e.g. 10.77.0.1,10.77.0.2")]
    [InlineData(
        "42=hex:0a4d00",
        "DHCP option ntp-servers: 'hex:0a4d00' has to be IPv4 addresses, e.g. 10.77.0.1,10.77.0.2"
    )]
    [InlineData("42=", "DHCP option ntp-servers: '' has to be IPv4 addresses, e.g. 10.77.0.1,10.77.0.2")]
    [InlineData("19=maybe", "DHCP option ip-forwarding: 'maybe' has to be on or off")]
    [InlineData("26=65536", "DHCP option interface-mtu: '65536' has to be 0 to 65535")]
    [InlineData("121=10.1.0.0/33:10.77.0.254", "e.g. 10.1.0.0/16:10.77.0.254,0.0.0.0/0:10.77.0.1")]
    [InlineData("121=10.1.2.3/16:10.77.0.254", "e.g. 10.1.0.0/16:10.77.0.254,0.0.0.0/0:10.77.0.1")]
    [InlineData("119=a..b", "DHCP option domain-search: 'a..b' has to be domain names, e.g. farm.test,example.org")]
    [InlineData(
        "43=6=8",
        "DHCP option vendor-encapsulated-options: '6=8' has to be sub-options, e.g. 1=ip:10.77.0.1;6=u8:8"
    )]
    [InlineData("175=1=u8:1;1=u8:2", "has to be sub-options, e.g. 1=ip:10.77.0.1;6=u8:8")]
    [InlineData("12=tab\there", "has to be printable text")]
    [InlineData("224=7", "DHCP option 224: '7' has to be hex:0a4d0001, text:abc, ip:10.77.0.1, u8:1, u16:1 or u32:1")]
    public void What_is_wrong_is_said_in_one_sentence(string text, string expected)
    {
        Assert.False(DhcpOptionText.TryParse(text, out _, out _, out var error));
        Assert.EndsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_too_long_for_any_message_is_refused()
    {
        Assert.False(DhcpOptionText.TryParse("17=" + new string('x', 1025), out _, out _, out var error));
        Assert.Equal("DHCP option root-path: it is longer than 1024 bytes", error);
    }

    [Fact]
    public void Whatever_bytes_an_option_has_are_shown_so_that_they_parse_to_the_same()
    {
        var random = Seed.New(output, 1);
        var byKind = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var code = (byte)random.Next(1, 255);
            var value = new byte[random.Next(4) * random.Next(1, 6)];
            random.NextBytes(value);
            // Small numbers are lengths and flags that fit more often.
            if (random.Next(2) == 0)
                value = [.. value.Select(b => (byte)(b % 5))];
            if (random.Next(3) == 0)
                value = [.. value.Select(b => (byte)('a' + (b % 26)))];
            var shown = DhcpOptionText.ShowValue(code, value);
            if (DhcpOptionCatalog.WhyNotSettable(code) is not null)
                continue;
            byKind += shown.StartsWith("hex:", StringComparison.Ordinal) ? 0 : 1;
            if (!DhcpOptionText.TryParse($"{code}={shown}", out _, out var parsed, out _))
            {
                // Bytes that are none of the option's kind are shown, and not taken.
                Assert.StartsWith("hex:", shown, StringComparison.Ordinal);
                continue;
            }
            Assert.Equal(value, parsed);
        }
        Assert.InRange(byKind, 1_000, 60_000);
    }

    [Fact]
    public void Every_name_leads_to_its_number_and_none_is_one_that_cannot_be_set()
    {
        foreach (var code in DhcpOptionCatalog.Named)
        {
            Assert.True(DhcpOptionCatalog.TryFind(DhcpOptionCatalog.NameOf(code), out var found));
            Assert.Equal(code, found);
            Assert.Null(DhcpOptionCatalog.WhyNotSettable(code));
        }
    }
}
