select count(*) filter (where tags ?| array['website', 'contact:website', 'url']) as with_website,
       count(*) filter (where tags ?| array['phone', 'contact:phone', 'mobile', 'contact:mobile']) as with_phone,
       count(*) filter (where tags ?| array['email', 'contact:email']) as with_email
from places_{set} where same_as is null
