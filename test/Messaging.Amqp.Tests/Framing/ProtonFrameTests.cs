using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>Frames that Qpid Proton 0.37 wrote (made with <c>golden-frames.py</c> beside this file) give the fields that its own trace shows.</summary>
public sealed class ProtonFrameTests
{
    public static TheoryData<string, string> Frames => new()
    {
        { "0000008302000000005310c0760aa106636c69656e74a10c686f73742e6578616d706c6570000100006000ff7000003a984040f00000000f00000002b300000001610000000162f00000001800000001b30000000f414e4f4e594d4f55532d52454c4159d10000001a00000004a30770726f64756374a106676f6c64656ea3016e5305", """@open(16) [container-id="client", hostname="host.example", max-frame-size=65536, channel-max=255, idle-time-out=15000, offered-capabilities=@<symbol>[:a, :b], desired-capabilities=@<symbol>[:ANONYMOUS-RELAY], properties={:product="golden", :n=5}]""" },
        { "0000001a02000000005311c00d044043707fffffff707fffffff", """@begin(17) [next-outgoing-id=0, incoming-window=2147483647, outgoing-window=2147483647]""" },
        { "0000006502000000005312c0580ea1066c696e6b2d31434250005000005328c0100ba10373726343404342404040404040005329c02807a10571756575655201a3056e65766572521e4240f00000000e00000001b300000005717565756540404344404040", """@attach(18) [name="link-1", handle=0, role=false, snd-settle-mode=0, rcv-settle-mode=0, source=@source(40) [address="src"], target=@target(41) [address="queue", durable=1, expiry-policy=:never, timeout=30, capabilities=@<symbol>[:queue]], initial-delivery-count=0, max-message-size=0]""" },
        { "000000c702000000005312c0ba0ea1066c696e6b2d3252014150025000005328c0910ba10571756575654340434240a304636f7079d10000004100000002a30873656c6563746f7200a3216170616368652e6f72673a73656c6563746f722d66696c7465723a737472696e67a10d636f6c6f72203d20277265642740f00000003100000002b300000012616d71703a61636365707465643a6c69737400000012616d71703a72656c65617365643a6c69737440005329c008074043404342404040404344404040", """@attach(18) [name="link-2", handle=1, role=true, snd-settle-mode=2, rcv-settle-mode=0, source=@source(40) [address="queue", distribution-mode=:copy, filter={:selector=@:"apache.org:selector-filter:string" "color = 'red'"}, outcomes=@<symbol>[:"amqp:accepted:list", :"amqp:released:list"]], target=@target(41) [], initial-delivery-count=0, max-message-size=0]""" },
        { "0000002102000000005313c0140943707fffffff43707fffffff52014352054041", """@flow(19) [next-incoming-id=0, incoming-window=2147483647, next-outgoing-id=0, outgoing-window=2147483647, handle=1, delivery-count=0, link-credit=5, drain=true]""" },
        { "0000001f02000000005314c00b044343a0057461672d31437061796c6f6164", """@transfer(20) [handle=0, delivery-id=0, delivery-tag=b"tag-1", message-format=0]""" },
        { "0000001802000000005314c00a04435201a0037461674378", """@transfer(20) [handle=0, delivery-id=1, delivery-tag=b"tag", message-format=0]""" },
        { "0000001802000000005314c00a04435202a0037461674378", """@transfer(20) [handle=0, delivery-id=2, delivery-tag=b"tag", message-format=0]""" },
        { "0000001802000000005314c00a04435203a0037461674378", """@transfer(20) [handle=0, delivery-id=3, delivery-tag=b"tag", message-format=0]""" },
        { "0000001802000000005314c00a04435204a0037461674378", """@transfer(20) [handle=0, delivery-id=4, delivery-tag=b"tag", message-format=0]""" },
        { "0000000f02000000005316c0020143", """@detach(22) [handle=0]""" },
        { "0000000c0200000000531745", """@end(23) []""" },
        { "0000005002000000005318c0430100531dc03d03a316616d71703a636f6e6e656374696f6e3a666f72636564a10874686520656e640ad10000001500000002a30161d000000009000000025501a10162", """@close(24) [error=@error(29) [condition=:"amqp:connection:forced", description="the end\u000a", info={:a=[1, "b"]}]]""" },
        { "0000002102000000005310c0140aa10673657276657240406000ff404040404040", """@open(16) [container-id="server", channel-max=255]""" },
        { "0000001c02000000005311c00f0460000043707fffffff707fffffff", """@begin(17) [remote-channel=0, next-outgoing-id=0, incoming-window=2147483647, outgoing-window=2147483647]""" },
        { "0000006102000000005312c0540ea1066c696e6b2d31434150025000005328c00c0b4043404342404040404040005329c02807a10571756575655201a3056e65766572521e4240f00000000e00000001b300000005717565756540404344404040", """@attach(18) [name="link-1", handle=0, role=true, snd-settle-mode=2, rcv-settle-mode=0, source=@source(40) [], target=@target(41) [address="queue", durable=1, expiry-policy=:never, timeout=30, capabilities=@<symbol>[:queue]], initial-delivery-count=0, max-message-size=0]""" },
        { "0000002002000000005313c0130943707fffffff43707fffffff4343520a4042", """@flow(19) [next-incoming-id=0, incoming-window=2147483647, next-outgoing-id=0, outgoing-window=2147483647, handle=0, delivery-count=0, link-credit=10]""" },
        { "000000c702000000005312c0ba0ea1066c696e6b2d3252014250025000005328c0910ba10571756575654340434240a304636f7079d10000004100000002a30873656c6563746f7200a3216170616368652e6f72673a73656c6563746f722d66696c7465723a737472696e67a10d636f6c6f72203d20277265642740f00000003100000002b300000012616d71703a61636365707465643a6c69737400000012616d71703a72656c65617365643a6c69737440005329c008074043404342404040404344404040", """@attach(18) [name="link-2", handle=1, role=false, snd-settle-mode=2, rcv-settle-mode=0, source=@source(40) [address="queue", distribution-mode=:copy, filter={:selector=@:"apache.org:selector-filter:string" "color = 'red'"}, outcomes=@<symbol>[:"amqp:accepted:list", :"amqp:released:list"]], target=@target(41) [], initial-delivery-count=0, max-message-size=0]""" },
        { "0000001602000000005315c009054143404100532445", """@disposition(21) [role=true, first=0, settled=true, state=@accepted(36) []]""" },
        { "0000004f02000000005315c042054152014041005325d0000000340000000100531dd00000002800000003a310616d71703a6e6f742d616c6c6f776564a1026e6fd10000000900000002a3016b5501", """@disposition(21) [role=true, first=1, settled=true, state=@rejected(37) [error=@error(29) [condition=:"amqp:not-allowed", description="no", info={:k=1}]]]""" },
        { "0000003002000000005315c023054152024041005327d000000015000000034141d10000000a00000002a30178a10179", """@disposition(21) [role=true, first=2, settled=true, state=@modified(39) [delivery-failed=true, undeliverable-here=true, message-annotations={:x="y"}]]""" },
        { "0000001702000000005315c00a05415203404100532645", """@disposition(21) [role=true, first=3, settled=true, state=@released(38) []]""" },
        { "0000002a02000000005315c01d054152044040005323d00000000f00000002520380000000000000012c", """@disposition(21) [role=true, first=4, state=@received(35) [section-number=3, section-offset=300]]""" },
        { "0000003502000000005316c02803434100531dc02003a317616d71703a6c696e6b3a6465746163682d666f72636564a10362796540", """@detach(22) [handle=0, closed=true, error=@error(29) [condition=:"amqp:link:detach-forced", description="bye"]]""" },
        { "0000003502000000005317c0280100531dc02203a31d616d71703a73657373696f6e3a77696e646f772d76696f6c6174696f6e4040", """@end(23) [error=@error(29) [condition=:"amqp:session:window-violation"]]""" },
        { "0000000c0200000000531845", """@close(24) []""" },
        { "0000002402010000005341c01702a309414e4f4e594d4f5553a009616e6f6e796d6f7573", """@sasl-init(65) [mechanism=:ANONYMOUS, initial-response=<9 bytes hidden>]""" },
        { "0000001c02010000005340c00f01e00c01a309414e4f4e594d4f5553", """@sasl-mechanisms(64) [sasl-server-mechanisms=@<symbol>[:ANONYMOUS]]""" },
        { "0000001002010000005344c003015000", """@sasl-outcome(68) [code=0]""" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Read_FrameOfProton_GivesItsFields(string hex, string expected)
    {
        byte[] frame = Convert.FromHexString(hex);

        Assert.True(FrameHeader.TryRead(frame, out FrameHeader header));
        Assert.True(header.IsValid);
        Assert.Equal((uint)frame.Length, header.Size);
        AmqpReader reader = new(frame.AsSpan(header.BodyOffset));
        Assert.True(reader.TryReadDescriptor(out Descriptor descriptor));
        CompositeCase composite = CompositeCase.All.Single(c => c.Code == descriptor.Code);
        byte[] body = frame[header.BodyOffset..(frame.Length - PayloadLength(frame, header))];
        byte[] rewritten = composite.Rewrite(body, out string printed);

        Assert.Equal(expected, printed);
        composite.Rewrite(rewritten, out string reprinted);
        Assert.Equal(printed, reprinted);
        Assert.InRange(rewritten.Length, 1, body.Length);
    }

    private static int PayloadLength(ReadOnlySpan<byte> frame, FrameHeader header)
    {
        AmqpReader reader = new(frame[header.BodyOffset..]);
        Assert.True(reader.TryReadDescriptor(out _));
        reader.Skip();
        return reader.Remaining;
    }
}
